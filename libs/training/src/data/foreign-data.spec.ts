import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import { pack } from 'tar-stream';

import { alignmentDataset } from './alignment-dataset.js';
import type { SkippedSample } from './dataset.js';
import { readShard, type ShardMember } from './read-shard.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foreign-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function membersOf(path: string): Promise<ShardMember[]> {
  const members: ShardMember[] = [];
  for await (const member of readShard(path, (caption) => caption)) members.push(member);
  return members;
}

const captions = (members: readonly ShardMember[]) =>
  members.map((member) => (member.kind === 'sample' ? member.caption : member.reason));

const numbered = ['0', '1', '2', '3'].map((number) => `a picture number ${number} of things`);

describe('a shard that another program wrote', () => {
  it.each(['bom', 'dots-in-name', 'long-gnu', 'macos-folder'])('gives all its samples: %s', async (name) => {
    expect(captions(await membersOf(`test/fixtures/cases/webdataset/${name}.tar`))).toEqual(numbered);
  });

  it('may hold NaN in its JSON, as Python writes it', async () => {
    expect(captions(await membersOf('test/fixtures/cases/webdataset/nancaption.tar'))).toEqual([
      'a cat',
      'a dog',
    ]);
  });

  it('ends at its end marker, whatever follows that', async () => {
    expect(captions(await membersOf('test/fixtures/cases/webdataset/garbage.tar'))).toEqual([
      'a cat',
      'a cat',
    ]);
  });

  it('may have the headers of Unix v7', async () => {
    const [only] = await membersOf('test/fixtures/cases/webdataset/v7.tar');
    expect(only).toMatchObject({ key: 'v7.tar: 0', reason: expect.stringContaining('It has no image') });
  });

  async function shard(
    ...members: readonly (readonly [name: string, content: string | Buffer])[]
  ): Promise<string> {
    const tar = pack();
    for (const [name, content] of members) tar.entry({ name }, content);
    tar.finalize();
    const path = join(folder, 'shard.tar');
    await writeFile(path, await buffer(tar));
    return path;
  }

  it('may have endings in capitals and paths that begin with "./"', async () => {
    const path = await shard(['./0.PNG', 'picture'], ['./0.JSON', '{"caption": "a cat"}']);
    expect(captions(await membersOf(path))).toEqual(['a cat']);
  });

  it('may hold its captions as text, where no JSON says another', async () => {
    const path = await shard(
      ['0.jpg', 'picture'],
      ['0.txt', Buffer.from('\ufeffeine Käsekatze', 'utf16le')],
      ['1.jpg', 'picture'],
      ['1.json', '{"caption": "a dog"}'],
      ['1.txt', 'a cat'],
    );
    expect(captions(await membersOf(path))).toEqual(['eine Käsekatze', 'a dog']);
  });

  it('tells parts of a sample apart, as webdataset does', async () => {
    const path = await shard(['0.seg.png', 'mask'], ['0.jpg', 'picture'], ['0.json', '{"caption": "a cat"}']);
    const [sample] = await membersOf(path);
    expect(sample).toMatchObject({ kind: 'sample', image: Buffer.from('picture') });
  });

  it('says that the files of one name have to follow one another', async () => {
    const path = await shard(
      ['0.jpg', 'picture'],
      ['1.jpg', 'picture'],
      ['0.json', '{"caption": "a cat"}'],
      ['1.json', '{"caption": "a dog"}'],
    );
    expect(captions(await membersOf(path))).toEqual(
      Array(4).fill(expect.stringContaining('have to follow one another')),
    );
  });

  it('loses only the samples whose captions are none', async () => {
    const path = await shard(
      ['0.jpg', 'picture'],
      ['0.json', '{"caption": null}'],
      ['1.jpg', 'picture'],
      ['1.json', Buffer.from([0x7b, 0xff, 0x7d])],
      ['2.jpg', 'picture'],
      ['2.json', '{"caption": "a dog"}'],
    );
    expect(captions(await membersOf(path))).toEqual([
      'Its .json file holds no "caption".',
      expect.stringMatching(/^Its \.json file cannot be used: it is not text in UTF-8/),
      'a dog',
    ]);
  });
});

describe('a folder of descriptions that another program wrote', () => {
  async function read(json: string | Buffer, pictures: readonly string[], count: number) {
    await mkdir(join(folder, 'image'));
    for (const picture of pictures) await writeFile(join(folder, 'image', picture), picture);
    await writeFile(join(folder, 'filter_cap.json'), json);
    const skipped: SkippedSample[] = [];
    const stream = await alignmentDataset(folder).open({
      seed: 1,
      onSkipped: (sample) => skipped.push(sample),
    });
    const found = new Map<string, string>();
    for (let taken = 0; taken < count; taken++) {
      const { caption, image } = await stream.next();
      found.set(caption, Buffer.from(image).toString());
    }
    return { found: Object.fromEntries(found), skipped };
  }

  const annotations = (...ids: readonly string[]) =>
    JSON.stringify({ annotations: ids.map((id) => ({ image_id: id, caption: `Number ${id}.` })) });

  it.each([
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${annotations('0')}`)],
    ['UTF-16', Buffer.from(`\ufeff${annotations('0')}`, 'utf16le')],
    ['JSON with NaN', annotations('0').replace('"caption"', '"score": NaN, "caption"')],
  ])('may be in %s', async (_, json) => {
    expect((await read(json, ['0.jpg'], 1)).found).toEqual({ 'Number 0.': '0.jpg' });
  });

  it('may hold pictures of any promised ending, and ids that carry theirs', async () => {
    const ids = annotations('0', '1', '2.jpg', '3.PNG', 'v1.5');
    const { found, skipped } = await read(ids, ['0.png', '1.JPG', '2.jpg', '3.PNG', 'v1.5.webp'], 5);
    expect(found).toEqual({
      'Number 0.': '0.png',
      'Number 1.': '1.JPG',
      'Number 2.jpg.': '2.jpg',
      'Number 3.PNG.': '3.PNG',
      'Number v1.5.': 'v1.5.webp',
    });
    expect(skipped).toEqual([]);
  });

  it('may lack pictures, each named once', async () => {
    const { found, skipped } = await read(annotations('0', '1'), ['1.jpg'], 3);
    expect(found).toEqual({ 'Number 1.': '1.jpg' });
    expect(skipped).toEqual([
      { key: join(folder, 'image', '0'), reason: expect.stringContaining('There is no such picture') },
    ]);
  });

  it('is refused by the true reason where it is no text', async () => {
    await expect(read(Buffer.from([0x7b, 0xff, 0x7d]), [], 1)).rejects.toThrow(/it is not text in UTF-8/);
  });
});
