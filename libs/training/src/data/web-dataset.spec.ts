import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import { pack } from 'tar-stream';

import type { Dataset, SkippedSample, StreamPosition, TrainingSample } from './dataset.js';
import { webDataset } from './web-dataset.js';

const emojiScenes = 'datasets/emoji-scenes/stage1/{00000..00007}.tar';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shards-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes a shard with these members, and says where. */
async function shard(name: string, members: Readonly<Record<string, string>>): Promise<string> {
  const tar = pack();
  for (const [member, content] of Object.entries(members)) tar.entry({ name: member }, content);
  tar.finalize();
  const path = join(folder, name);
  await writeFile(path, await buffer(tar));
  return path;
}

function pairs(...keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((key) => [
      [`${key}.jpg`, `picture ${key}`],
      [`${key}.json`, JSON.stringify({ caption: `Caption ${key}!` })],
    ]),
  );
}

function datasetOf(...shards: readonly string[]): Dataset {
  return webDataset({ sources: shards.map((pattern) => ({ shards: pattern, ratio: 1 })), shuffleBuffer: 3 });
}

/** Samples with their pictures' digests instead of the pictures, which are quicker to compare. */
function digested(samples: readonly TrainingSample[]): unknown[] {
  return samples.map(({ image, ...rest }) => ({
    ...rest,
    image: createHash('sha256').update(image).digest('hex'),
  }));
}

async function take(
  dataset: Dataset,
  count: number,
  options: { seed?: number; position?: StreamPosition } = {},
): Promise<{ samples: TrainingSample[]; skipped: SkippedSample[]; position: StreamPosition }> {
  const skipped: SkippedSample[] = [];
  const stream = await dataset.open({ seed: 1, onSkipped: (sample) => skipped.push(sample), ...options });
  const samples: TrainingSample[] = [];
  try {
    while (samples.length < count) samples.push(await stream.next());
    return { samples, skipped, position: JSON.parse(JSON.stringify(stream.position())) };
  } finally {
    await stream.close();
  }
}

describe('webdataset shards', () => {
  it('give pictures with cleaned captions', async () => {
    const path = await shard('clean.tar', pairs('000'));
    const { samples } = await take(datasetOf(path), 1);
    expect(samples).toEqual([
      { key: 'clean.tar: 000', image: Buffer.from('picture 000'), caption: 'caption 000', draw: 0 },
    ]);
  });

  it('give all 4,000 emoji scenes about equally often', async () => {
    const dataset = webDataset({ sources: [{ shards: emojiScenes, ratio: 1 }], shuffleBuffer: 1000 });
    const { samples, skipped } = await take(dataset, 8000);
    const times = new Map<string, number>();
    for (const { key } of samples) times.set(key, (times.get(key) ?? 0) + 1);
    expect(times.size).toBeGreaterThan(3950);
    expect(Math.max(...times.values())).toBeLessThanOrEqual(3);
    expect(skipped).toEqual([]);
    expect(samples.every(({ image }) => image[0] === 0xff && image[1] === 0xd8)).toBe(true); // JPEG;
    expect(samples.map(({ draw }) => draw)).toEqual(samples.map((_, index) => index));
  });

  it('come in an order that only the seed determines', async () => {
    const dataset = webDataset({ sources: [{ shards: emojiScenes, ratio: 1 }], shuffleBuffer: 100 });
    const keysOf = async (seed: number) => (await take(dataset, 50, { seed })).samples.map(({ key }) => key);
    const [first, again, other] = [await keysOf(1), await keysOf(1), await keysOf(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('are mixed by the ratios of their sources', async () => {
    const often = await shard('often.tar', pairs('a', 'b', 'c', 'd'));
    const seldom = await shard('seldom.tar', pairs('e', 'f'));
    const dataset = webDataset({
      sources: [
        { shards: often, ratio: 115 },
        { shards: seldom, ratio: 14 },
      ],
      shuffleBuffer: 10,
    });
    const { samples } = await take(dataset, 2000);
    const share = samples.filter(({ key }) => key.startsWith('seldom')).length / samples.length;
    expect(Math.abs(share - 14 / 129)).toBeLessThan(0.02);
  });

  it('go on where a stream stood as if it had never stopped, whatever is in the buffer', async () => {
    const dataset = webDataset({
      sources: [
        { shards: emojiScenes, ratio: 3 },
        { shards: await shard('small.tar', pairs('x', 'y', 'z')), ratio: 1 },
      ],
      shuffleBuffer: 64,
    });
    const { samples } = await take(dataset, 700);
    for (const stop of [0, 1, 333, 650]) {
      const { position } = await take(dataset, stop);
      const { samples: rest } = await take(dataset, 700 - stop, { position });
      expect(digested(rest)).toEqual(digested(samples.slice(stop)));
    }
  });

  it('are described by their sizes and digests', async () => {
    const { files } = await webDataset({
      sources: [{ shards: emojiScenes, ratio: 1 }],
      shuffleBuffer: 1,
    }).describe();
    expect(files).toHaveLength(8);
    expect(files[0]).toEqual({
      file: 'datasets/emoji-scenes/stage1/00000.tar',
      bytes: 2764800,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
});

describe('broken shards', () => {
  it('are used as far as they go when they are cut off', async () => {
    const whole = await readFile(await shard('whole.tar', pairs('0', '1', '2', '3')));
    const cut = join(folder, 'cut.tar');
    await writeFile(cut, whole.subarray(0, 5 * 512 + 7)); // in the middle of the second picture
    const { samples, skipped } = await take(datasetOf(cut), 5);
    expect(new Set(samples.map(({ key }) => key))).toEqual(new Set(['cut.tar: 0']));
    expect(skipped).toEqual([
      { key: 'cut.tar', reason: 'The file is cut off. The samples before that are used.' },
    ]);
  });

  it('are left out when they are no tar files, as long as another shard has samples', async () => {
    const text = join(folder, 'text.tar');
    await writeFile(text, 'This is not a tar file. '.repeat(100));
    const good = await shard('good.tar', pairs('0'));
    const { samples, skipped } = await take(
      webDataset({
        sources: [{ shards: join(folder, '{text,good}.tar'), ratio: 1 }],
        shuffleBuffer: 2,
      }),
      3,
    );
    expect(samples.every(({ key }) => key === 'good.tar: 0')).toBe(true);
    expect(good).toMatch(/good/);
    expect(skipped).toEqual([
      { key: 'text.tar', reason: expect.stringMatching(/^The file cannot be read further as a tar file\./) },
    ]);
  });

  it('lose the members that are broken, each counted once with its reason', async () => {
    const path = await shard('members.tar', {
      ...pairs('good'),
      'no-image.json': '{"caption": "a cat"}',
      'no-json.jpg': 'picture',
      'no-caption.jpg': 'picture',
      'no-caption.json': '{"text": "a cat"}',
      'torn.jpg': 'picture',
      'torn.json': '{"caption": "a c',
      'empty.jpg': 'picture',
      'empty.json': '{"caption": "!!!"}',
      'hollow.jpg': '',
      'hollow.json': '{"caption": "a cat"}',
      'README.md': 'Other files are not our business, but a key without a picture is.',
    });
    const { samples, skipped } = await take(datasetOf(path), 10);
    expect(new Set(samples.map(({ key }) => key))).toEqual(new Set(['members.tar: good']));
    expect(Object.fromEntries(skipped.map(({ key, reason }) => [key, reason]))).toEqual({
      'members.tar: no-image': expect.stringMatching(/^It has no image \(jpg, jpeg, png, webp\) beside it\./),
      'members.tar: no-json': expect.stringMatching(/^It has no \.json or \.txt file beside it\./),
      'members.tar: no-caption': 'Its .json file holds no "caption".',
      'members.tar: torn': 'Its .json file cannot be used: it is not JSON, or only the beginning of it.',
      'members.tar: empty': 'Its caption is empty.',
      'members.tar: hollow': 'Its image is empty.',
      'members.tar: README': expect.stringMatching(/^It has no image \(jpg, jpeg, png, webp\) beside it\./),
    });
    expect(skipped).toHaveLength(7);
  });

  it('end a run that has nothing to learn from', async () => {
    const path = await shard('nothing.tar', { 'a.json': '{}' });
    await expect(take(datasetOf(path), 1)).rejects.toThrow(/^There is no usable sample in .*nothing\.tar\./);
  });

  it('are named when they are missing', async () => {
    await expect(take(datasetOf(join(folder, 'gone', '{0..2}.tar')), 1)).rejects.toThrow(
      /^3 of 3 shards are missing: .*0\.tar and 2 others\. Is the pattern right\?$/,
    );
  });

  it('are noticed when they changed since a run was interrupted', async () => {
    const path = await shard('changing.tar', pairs('0', '1', '2', '3'));
    const { position } = await take(datasetOf(path), 1);
    await shard('changing.tar', pairs('0'));
    await expect(take(datasetOf(path), 1, { position })).rejects.toThrow('no longer holds what it held');
  });
});
