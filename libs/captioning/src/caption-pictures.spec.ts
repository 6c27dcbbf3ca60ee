import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { UnusablePictureError, type VisionModel } from '#libs/vision-model';

import {
  type CaptionStore,
  captionPictures,
  captionsBeside,
  findPictures,
  openCaptionLines,
  textFile,
  xmpSidecar,
} from './index.js';

/** Says of a file what is in it, as soon as `atOnce` are asked about; "broken" is no picture. */
class Echo implements VisionModel {
  readonly name = 'echo';
  readonly template = 'vicuna-v0';
  readonly maxImageBytes = 20;
  readonly asked: string[] = [];
  private answerAll = () => {};
  private readonly together = new Promise<void>((resolve) => {
    this.answerAll = resolve;
  });

  constructor(readonly atOnce = 1) {}

  async ask(picture: Uint8Array, { text }: { text: string }, signal?: AbortSignal) {
    const content = Buffer.from(picture).toString();
    if (this.asked.push(content) === this.atOnce) this.answerAll();
    await this.together;
    signal?.throwIfAborted();
    if (content === 'broken') throw new UnusablePictureError('It is broken.');
    if (content === 'server gone') throw new Error('The server is gone.');
    const answer = content === 'blank' ? '' : `${text} ${content}`;
    return { text: answer, finishReason: 'stop' as const, notices: [] };
  }

  async close() {}
}

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'captions-'));
  out = join(folder, 'captions.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

async function putFiles(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(join(folder, file, '..'), { recursive: true });
    await writeFile(join(folder, file), content);
  }
}

async function caption(store: CaptionStore, model = new Echo(), signal?: AbortSignal) {
  const { files } = await findPictures(folder);
  const report = await captionPictures({ folder, files, model, question: { text: 'See' }, store, signal });
  return { ...report, asked: model.asked.toSorted() };
}

const openOut = (prompt = 'See') => openCaptionLines(out, { model: 'echo', prompt });

async function linesOfOut(): Promise<{ file: string; text?: string; error?: string }[]> {
  return (await readFile(out, 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

const textsOf = async (ending: string) => {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  );
};

describe('the pictures of a folder', () => {
  it('are those of its folders too, but no hidden ones; what is no picture that can be read is counted', async () => {
    await putFiles({
      'b.JPG': '',
      'in/deep/a.tiff': '',
      '.hidden/c.png': '',
      '._d.png': '',
      'e.heic': '',
      'f.heic': '',
      'b.txt': '',
    });
    await symlink('b.JPG', join(folder, 'link.png'));
    const { files, leftOut } = await findPictures(folder);
    expect(files).toEqual(['b.JPG', 'in/deep/a.tiff']);
    expect(Object.fromEntries(leftOut)).toEqual({ '.heic': 2, 'no plain file': 1 });
  });

  it('are missed where there are none, and where there is no folder', async () => {
    await expect(findPictures(folder)).rejects.toThrow(/^There is no picture in .* end in \.png, \.jpg/);
    await expect(findPictures(join(folder, 'nowhere'))).rejects.toThrow(/nowhere cannot be read: ENOENT/);
  });
});

describe('captioning a folder', () => {
  it('asks about the same picture once, several at a time, and goes on after what cannot be used', async () => {
    await putFiles({ 'a.png': 'cat', 'b.png': 'dog', 'c.png': 'broken', 'd.png': 'blank', 'e.png': 'cat' });
    await putFiles({ 'large.png': 'x'.repeat(21) });
    const { asked, ...report } = await caption(openOut(), new Echo(4));
    expect(asked).toEqual(['blank', 'broken', 'cat', 'dog']);
    expect(report).toMatchObject({ before: 0, captioned: 3, repeated: 1 });
    expect((await linesOfOut()).map(({ file, text, error }) => [file, text ?? error]).sort()).toEqual([
      ['a.png', 'See cat'],
      ['b.png', 'See dog'],
      ['c.png', 'It is broken.'],
      ['d.png', 'The model said nothing about this picture.'],
      ['e.png', 'See cat'],
      ['large.png', 'The file has 21 bytes; at most 20 are taken.'],
    ]);
  });

  it('goes on where it was stopped, after a line that a kill tore', async () => {
    await putFiles({ 'a.png': 'cat', 'b.png': 'broken' });
    await caption(openOut());
    await appendFile(out, '{"file":"c.png","tex');
    await putFiles({ 'b.png': 'mended', 'c.png': 'cat', 'd.png': 'broken' });

    const again = await caption(openOut());
    expect(again).toMatchObject({ before: 1, captioned: 2, repeated: 1, asked: ['broken', 'mended'] });
    await expect(caption(openOut())).resolves.toMatchObject({ before: 3, failed: [{ file: 'd.png' }] });
    expect((await linesOfOut()).map(({ file }) => file).sort()).toEqual([
      ...['a.png', 'b.png', 'b.png', 'c.png', 'd.png'],
    ]);
  });

  it('does not mix the texts of two prompts', async () => {
    await putFiles({ 'a.png': 'cat' });
    await caption(openOut());
    expect(() => openOut('Look')).toThrow(/has texts of another model or prompt: .*"prompt":"See"/);
  });

  it('keeps what is done when it is aborted, and when the model fails', async () => {
    await putFiles({ 'a.png': 'cat', 'b.png': 'dog', 'c.png': 'cow', 'd.png': 'server gone' });
    await putFiles({ 'e.png': 'hen', 'f.png': 'fox', 'g.png': 'goat' });
    await expect(caption(openOut())).rejects.toThrow('The server is gone.');
    await putFiles({ 'd.png': 'cat' });
    const aborted = AbortSignal.abort(new Error('Enough.'));
    await expect(caption(openOut(), new Echo(), aborted)).rejects.toThrow('Enough.');
    await expect(caption(openOut())).resolves.toMatchObject({
      before: 3,
      repeated: 1,
      asked: ['fox', 'goat', 'hen'],
    });
  });
});

describe('texts beside pictures', () => {
  it('have the names of the pictures, and of both in full where two would be one', async () => {
    await putFiles({ 'a.png': 'cat', 'Twin.jpg': 'dog', 'twin.png': 'cow', 'c.png': 'broken' });
    const { files } = await findPictures(folder);
    const report = await caption(captionsBeside(folder, files, textFile));
    expect(report.failed).toEqual([{ file: 'c.png', error: 'It is broken.' }]);
    await expect(textsOf('.txt')).resolves.toEqual({
      'Twin.jpg.txt': 'See dog\n',
      'a.txt': 'See cat\n',
      'twin.png.txt': 'See cow\n',
    });
  });

  it('are left as they are when they are there', async () => {
    await putFiles({ 'a.png': 'cat', 'a.txt': 'My own words.' });
    const { files } = await findPictures(folder);
    await expect(caption(captionsBeside(folder, files, textFile))).resolves.toMatchObject({
      before: 1,
      asked: [],
    });
    await expect(textsOf('.txt')).resolves.toEqual({ 'a.txt': 'My own words.' });
  });

  it('are XMP sidecars, whatever is said', async () => {
    await putFiles({ 'a.png': '<b> & \u0007\u{1f415}' });
    const { files } = await findPictures(folder);
    await caption(captionsBeside(folder, files, xmpSidecar('description')));
    const { 'a.xmp': xmp } = await textsOf('.xmp');
    expect(xmp).toContain('<rdf:li xml:lang="x-default">See &lt;b&gt; &amp; \u{1f415}</rdf:li>');
    expect(xmp).toContain('</dc:description>');
    expect(xmpSidecar('alt-text').contentOf('A cat')).toContain('<Iptc4xmpCore:AltTextAccessibility>');
  });
});
