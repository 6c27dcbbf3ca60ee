import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { alignmentDataset } from './alignment-dataset.js';
import type { SkippedSample, StreamPosition, TrainingSample } from './dataset.js';

const emojiScenes = 'datasets/emoji-scenes/stage2';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'descriptions-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Samples with their pictures' digests instead of the pictures, which are quicker to compare. */
function digested(samples: readonly TrainingSample[]): unknown[] {
  return samples.map(({ image, ...rest }) => ({
    ...rest,
    image: createHash('sha256').update(image).digest('hex'),
  }));
}

async function take(
  source: string,
  count: number,
  position?: StreamPosition,
): Promise<{ samples: TrainingSample[]; skipped: SkippedSample[]; position: StreamPosition }> {
  const skipped: SkippedSample[] = [];
  const stream = await alignmentDataset(source).open({
    seed: 42,
    position,
    onSkipped: (sample) => skipped.push(sample),
  });
  const samples: TrainingSample[] = [];
  while (samples.length < count) samples.push(await stream.next());
  return { samples, skipped, position: JSON.parse(JSON.stringify(stream.position())) };
}

describe('descriptions in the layout of cc_sbu_align', () => {
  it('come once in each pass, as they are written, each pass in another order', async () => {
    const { samples, skipped } = await take(emojiScenes, 1200);
    const keys = samples.map(({ key }) => key);
    expect(skipped).toEqual([]);
    expect(new Set(keys.slice(0, 600)).size).toBe(600);
    expect(new Set(keys.slice(600)).size).toBe(600);
    expect(keys.slice(600)).not.toEqual(keys.slice(0, 600));
    expect(samples.find(({ key }) => key === join(emojiScenes, 'image', '0.jpg'))?.caption).toBe(
      'The image shows the same thing three times: a flying disc. The background is yellow. A flying disc is often associated with sports, frisbee and ultimate.',
    );
  });

  it('go on where a stream stood', async () => {
    const { samples } = await take(emojiScenes, 620);
    for (const stop of [0, 7, 600, 610]) {
      const { position } = await take(emojiScenes, stop);
      const { samples: rest } = await take(emojiScenes, 620 - stop, position);
      expect(digested(rest)).toEqual(digested(samples.slice(stop)));
    }
  });

  it('leave out what has no picture or no caption, and say so once', async () => {
    await mkdir(join(folder, 'image'));
    await writeFile(join(folder, 'image', '1.jpg'), 'picture');
    await writeFile(join(folder, 'image', '2.jpg'), 'picture');
    const annotations = [
      { image_id: 1, caption: 'A cat.' },
      { image_id: '2', caption: ' ' },
      { image_id: '3', caption: 'A dog.' },
      { image_id: '4' },
      { image_id: '../../etc/passwd', caption: 'A way out.' },
    ];
    await writeFile(join(folder, 'filter_cap.json'), JSON.stringify({ annotations }));
    const { samples, skipped } = await take(folder, 3);
    expect(samples.map(({ caption }) => caption)).toEqual(['A cat.', 'A cat.', 'A cat.']);
    expect(skipped.map(({ reason }) => reason).sort()).toEqual([
      'Its caption is empty.',
      'There is no such picture that can be read (.jpg, .jpeg, .png, .webp).',
      '{"image_id":"../../etc/passwd","caption":"A way out."} has no usable "image_id" or no "caption".',
      '{"image_id":"4"} has no usable "image_id" or no "caption".',
    ]);
  });

  it('end a run that has nothing to learn from', async () => {
    await writeFile(join(folder, 'filter_cap.json'), '{"annotations": []}');
    await expect(take(folder, 1)).rejects.toThrow('holds no usable pair');
  });

  it.each([
    ['cut off', '{"annotations": [{"image', /is not \{"annotations"/],
    ['of another layout', '[1, 2]', /is not \{"annotations"/],
  ])('are refused when the captions are %s', async (_, text, message) => {
    await writeFile(join(folder, 'filter_cap.json'), text);
    await expect(take(folder, 1)).rejects.toThrow(message);
  });

  it('are refused when there are none', async () => {
    await expect(take(join(folder, 'gone'), 1)).rejects.toThrow(
      /filter_cap\.json cannot be read\. A folder of descriptions holds filter_cap\.json and the folder image\./,
    );
  });

  it('are described by their captions and pictures', async () => {
    const { files } = await alignmentDataset(emojiScenes).describe();
    expect(files.map(({ file }) => file)).toEqual([
      join(emojiScenes, 'filter_cap.json'),
      join(emojiScenes, 'image'),
    ]);
    const captions = await readFile(join(emojiScenes, 'filter_cap.json'));
    const { annotations } = JSON.parse(captions.toString()) as { annotations: { image_id: string }[] };
    const names = await readdir(join(emojiScenes, 'image'));
    const pictures = await Promise.all(
      annotations.map(({ image_id }) => {
        const name = names.find((file) => file.startsWith(`${image_id}.`))!;
        return readFile(join(emojiScenes, 'image', name));
      }),
    );
    const expected = [captions, Buffer.concat(pictures)].map((content) => ({
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    }));
    expect(files.map(({ bytes, sha256 }) => ({ bytes, sha256 }))).toEqual(expected);
  });
});
