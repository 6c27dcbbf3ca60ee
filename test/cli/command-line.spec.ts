import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

import { layOutSafetensors, openCheckpoint, toFloat32 } from '#libs/checkpoint';

import { tinyReference, tinySources } from '../support/tiny-reference.js';
import { main, runCommand } from './command-line.js';

interface GreedyCase {
  readonly images: readonly string[];
  readonly prompt: string;
  readonly prompt_length: number;
  readonly greedy_token_ids: readonly number[];
  readonly greedy_text: string;
}

const nano = 'models/nano';
const lizard = 'test/fixtures/emoji-scenes/validation/seen-drawings/0002.png';
const bat = 'test/fixtures/emoji-scenes/validation/seen-drawings/0000.png';

let folder: string;
let tiny: string;
let cases: readonly GreedyCase[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  tiny = join(folder, 'tiny');
  const { vit, qFormer, projection, llm } = tinySources;
  const converted = await runCommand(
    ...[
      'convert',
      '--vit',
      vit,
      '--qformer',
      qFormer,
      '--projection',
      projection,
      '--llm',
      llm,
      '--quantize-encoder',
      'none',
      '--out',
      tiny,
    ],
  );
  expect(converted).toMatchObject({ exitCode: 0, stdout: `${tiny}\n` });
  cases = JSON.parse(await readFile(join(tinyReference, 'expected.json'), 'utf8')).cases;
});
afterAll(() => rm(folder, { recursive: true }));

describe('generate', () => {
  it.each([0, 1, 2, 3])(
    "continues the reference's prompt %i with its tokens, to the letter",
    async (index) => {
      const { prompt, images, prompt_length, greedy_token_ids, greedy_text } = cases[index]!;
      const { stdout, exitCode } = await runCommand(
        ...['generate', '--model', tiny, '--prompt', prompt, '--temperature', '0', '--json'],
        ...['--max-new-tokens', String(greedy_token_ids.length)],
        ...images.flatMap((image) => ['--image', join(tinyReference, `${image}.png`)]),
      );
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        token_ids: greedy_token_ids,
        text: greedy_text,
        prompt_tokens: prompt_length,
        finish_reason: 'length',
        timings: { image: expect.any(Number), prefill: expect.any(Number), decode: expect.any(Number) },
      });
    },
  );

  it('takes several images after one --image', async () => {
    const { prompt, images, greedy_text } = cases.find((candidate) => candidate.images.length === 2)!;
    const { stdout } = await runCommand(
      ...['generate', '--model', tiny, '--prompt', prompt, '--temperature', '0', '--max-new-tokens', '24'],
      ...['--image', ...images.map((image) => join(tinyReference, `${image}.png`))],
    );
    expect(stdout).toBe(`${greedy_text}\n`);
  });

  it('gives the same text again for the same seed', async () => {
    const sample = (seed: string) =>
      runCommand(
        ...['generate', '--model', tiny, '--prompt', 'Hello', '--temperature', '1', '--seed', seed],
        ...['--max-new-tokens', '12'],
      );
    const [first, again, other] = await Promise.all([sample('7'), sample('7'), sample('8')]);
    expect(again.stdout).toBe(first.stdout);
    expect(other.stdout).not.toBe(first.stdout);
  });

  it('stops at a text that was asked for', async () => {
    const prompt = '###Human: <Img><ImageHere></Img> What is this?###Assistant: ';
    const { stdout } = await runCommand(
      ...['generate', '--model', nano, '--prompt', prompt, '--image', bat, '--stop', '###', '--json'],
    );
    expect(JSON.parse(stdout)).toMatchObject({ text: 'It is a bat.', finish_reason: 'stop' });
  });

  it('wants one image for each place in the prompt', async () => {
    const { stderr, exitCode } = await runCommand(
      ...['generate', '--model', tiny, '--prompt', '<ImageHere> and <ImageHere>', '--image', bat],
    );
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'The prompt has 2 times <ImageHere>, but 1 image was given with --image. Each image needs its place.\n',
    );
  });
});

describe('ask', () => {
  it('answers a question about a picture', async () => {
    const { stdout } = await runCommand('ask', '--model', nano, '--image', lizard, 'What is this?');
    expect(stdout).toBe('It is a lizard.\n');
  });

  it('gives the answer, its length and its cost as JSON', async () => {
    const { stdout } = await runCommand('ask', 'What is this?', '--model', nano, '--image', lizard, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      answer: 'It is a lizard.',
      prompt_tokens: expect.any(Number),
      completion_tokens: expect.any(Number),
      finish_reason: 'stop',
    });
  });

  it('notices that the question is missing', async () => {
    const { stderr, exitCode } = await runCommand('ask', '--model', nano, '--image', lizard);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^There is no question\./)]);
  });
});

describe('caption', () => {
  it('writes alt text for the pictures of a folder, says what failed, and goes on from there', async () => {
    const photos = join(folder, 'photos');
    await mkdir(photos);
    await cp(lizard, join(photos, 'lizard.png'));
    await cp(bat, join(photos, 'bat.png'));
    await writeFile(join(photos, 'letter.jpg'), 'Dear reader, this is not a picture.');
    const out = join(folder, 'captions.jsonl');
    const { stdout, stderr, exitCode } = await runCommand('caption', photos, '--alt-text', '--out', out);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^letter\.jpg: This file is not an image.*\n2 captioned, 0 done before, 1 failed\.\n$/,
    );
    const lines = (await readFile(out, 'utf8')).trim().split('\n').sort();
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { file: 'bat.png', text: 'A bat on a white background.', model: 'nano', finish_reason: 'stop' },
      { file: 'letter.jpg', error: expect.stringMatching(/not an image/) },
      { file: 'lizard.png', text: 'A lizard on a white background.' },
    ]);

    await rm(join(photos, 'letter.jpg'));
    const again = await runCommand('caption', photos, '--alt-text', '--out', out);
    expect(again).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '0 captioned, 2 done before, 0 failed.\n',
    });
  });
});

describe('mcp', () => {
  it('shows the pictures of a client to a model over its standard input and output', async () => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [main, 'mcp', '--allow', 'test/fixtures/emoji-scenes/validation'],
      stderr: 'pipe',
    });
    const client = new Client({ name: 'spec', version: '1' });
    await client.connect(transport);
    await client.listTools();
    const counted = await client.callTool({
      name: 'count',
      arguments: { path: 'scenes/0000.png', things: 'frogs' },
    });
    expect(counted.structuredContent).toMatchObject({ count: 3, answer: 'There are three objects.' });
    const refused = await client.callTool({ name: 'alt_text', arguments: { path: '/etc/passwd' } });
    expect(refused).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^There is no file \/etc\/passwd that may be read\./) }],
    });
    const data = (await readFile(lizard)).toString('base64');
    const seen = await client.callTool({ name: 'alt_text', arguments: { data } });
    expect(seen.content).toEqual([{ type: 'text', text: 'A lizard on a white background.' }]);
    const { pid } = transport;
    await client.close();
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
  });
});

describe('encode', () => {
  const encode = async (...args: readonly string[]) => {
    const out = join(folder, 'encoding.safetensors');
    const { stderr, exitCode } = await runCommand('encode', '--model', tiny, '--out', out, ...args);
    expect([exitCode, stderr]).toEqual([0, '']);
    return readTensors(out);
  };

  it.each(['scene', 'portrait'])('writes what the reference makes of the pixels of %s', async (image) => {
    const expected = await readTensors(join(tinyReference, 'expected.safetensors'));
    const actual = await encode(
      ...['--image', join(tinyReference, `${image}.png`)],
      ...['--pixel-values', join(tinyReference, 'expected.safetensors')],
    );
    expect([...actual.keys()].toSorted()).toEqual(['pixel_values', 'projected', 'qformer']);
    for (const [name, values] of actual) {
      expect(largestDifference(values, expected.get(`${image}.${name}`)!)).toBeLessThan(2e-4);
    }
  });

  it('sees almost the pixels of the reference in the file itself', async () => {
    const expected = (await readTensors(join(tinyReference, 'expected.safetensors'))).get(
      'scene.pixel_values',
    )!;
    const actual = (await encode('--image', join(tinyReference, 'scene.png'))).get('pixel_values')!;
    const sum = actual.reduce((total, value, index) => total + Math.abs(value - expected[index]!), 0);
    expect(sum / actual.length).toBeLessThan(0.02);
  });
});

describe('inspect', () => {
  it('tells what is in a package, for people', async () => {
    const { stdout, exitCode } = await runCommand('inspect', nano);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/emoji, stickers and clip art .+ not photographs/);
    expect(stdout).toMatch(/decoder\.safetensors +16\.9 MB .+ intact/);
  });

  it('tells what is in a package, for programs, and fails when a file was changed', async () => {
    const copy = join(folder, 'changed');
    await cp(tiny, copy, { recursive: true });
    await writeFile(join(copy, 'tokenizer.json'), '{}');
    const { stdout, exitCode } = await runCommand('inspect', copy, '--json');
    expect(exitCode).toBe(1);
    const { files, template } = JSON.parse(stdout);
    expect(template).toBe('vicuna-v0');
    expect(files.filter((file: { intact: boolean }) => !file.intact)).toMatchObject([
      { file: 'tokenizer.json' },
    ]);
  });
});

describe('mistakes', () => {
  it.each([
    [['ask', '--model', 'nowhere', 'Hello?'], /^nowhere is not a model package: it has no model\.json\./],
    [
      ['ask', '--model', nano, '--image', 'nowhere.png', 'Hello?'],
      /^The image nowhere\.png cannot be read\./,
    ],
    [['ask', '--model', nano, '--image', 'package.json', '--json', 'What?'], /not an image/],
    [
      ['generate', '--model', nano, '--prompt', 'Hi', '--temperature', 'hot'],
      /^--temperature takes a number, not "hot"\./,
    ],
    [['generate', '--model', nano, '--prompt', 'Hi', '--top-p', '2'], /topP/i],
    [['generate', '--model', nano, '--prompt', 'Hi', '--burst', '0'], /^burst: .+>0\.$/m],
    [
      ['convert', '--vit', 'a', '--projection', 'b', '--llm', 'c', '--out', 'd', '--quantize', 'int2'],
      /none, int8, int8-weights, int4/,
    ],
    [['convert', '--vit', 'a'], /required option '--projection/],
    [['encode', '--model', nano, '--out', 'x.safetensors'], /needs --image or --pixel-values/],
    [
      ['caption', 'docs', '--server', 'localhost:1', '--model', nano],
      /'--server .*' cannot be used with .*'--model/,
    ],
    [['describe'], /unknown command 'describe'/],
  ])('%j gets one plain sentence and exit code 1', async (args, message) => {
    const { stdout, stderr, exitCode } = await runCommand(...args);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('a command that ONNX Runtime would crash on is refused', async () => {
    const { stderr, exitCode } = await runCommand(
      ...['generate', '--model', nano, '--prompt', 'word '.repeat(3_000)],
    );
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/^The command is 15\d\d\d characters long, but at most 10000 can be taken\./),
    ]);
  });

  it('a model too large for the memory is refused before it is loaded, with what would make it fit', async () => {
    const large = await nanoOfVocabulary(2 ** 32);
    const { stderr, exitCode } = await runCommand('ask', '--model', large, 'Hello?');
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/^It needs 439\d\.\d GB of memory, but [\d.]+ GB are free: .+\n$/),
    ]);
  });
});

/** The nano model with tables of so many rows, which are holes: they take no disk. */
async function nanoOfVocabulary(rows: number): Promise<string> {
  const copy = join(folder, 'large');
  await cp(nano, copy, { recursive: true });
  const manifest = JSON.parse(await readFile(join(copy, 'model.json'), 'utf8'));
  manifest.architecture.decoder.vocabulary = rows;
  await writeFile(join(copy, 'model.json'), JSON.stringify(manifest));
  const path = join(copy, 'decoder.safetensors');
  const decoder = await openCheckpoint(path);
  const tensors = [...decoder.tensors.values()].map(({ name, type, shape }) => ({
    name,
    type,
    shape: /embedding|head/.test(name) ? shape.map((size) => (size === 2048 ? rows : size)) : shape,
  }));
  await decoder.close();
  const { header, fileSize } = layOutSafetensors(tensors);
  await writeFile(path, header);
  await truncate(path, fileSize);
  return copy;
}

async function readTensors(path: string): Promise<Map<string, Float32Array>> {
  const file = await openCheckpoint(path);
  const tensors = new Map<string, Float32Array>();
  for (const name of file.tensors.keys()) tensors.set(name, toFloat32(await file.read(name)));
  await file.close();
  return tensors;
}

/** Relative to the largest magnitude expected. */
function largestDifference(actual: Float32Array, expected: Float32Array): number {
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return actual.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]!)), 0) / scale;
}
