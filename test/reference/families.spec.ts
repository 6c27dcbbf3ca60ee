import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openCheckpoint, toFloat32 } from '#libs/checkpoint';
import { buildPrompt, type Turn } from '#libs/conversation';
import { startEngine } from '#libs/engine';
import { convert } from '#libs/model-package';
import { familyNumbers, type ReferenceNumbers } from '#libs/reference';

import { relativeDifference, TemporaryFolders } from './reference-folder.js';

/** What the references' READMEs ask of float32. */
const TOLERANCE = 2e-4;

const folders = new TemporaryFolders();
afterAll(() => folders.removeAll());

const fixture = (family: string) => join('test/fixtures/families', family);

async function expectedTensors(family: string): Promise<Map<string, Float32Array>> {
  const file = await openCheckpoint(join(fixture(family), 'expected.safetensors'));
  const tensors = new Map<string, Float32Array>();
  for (const name of file.tensors.keys()) tensors.set(name, toFloat32(await file.read(name)));
  await file.close();
  return tensors;
}

/** Ids and lengths, by the names that `expected.json` has for them. */
interface Outcome {
  readonly prompt_length: number;
  readonly greedy_token_ids: readonly number[];
  readonly token_ids?: readonly number[];
  readonly segment_token_ids?: readonly (readonly number[])[];
}
type Case = Partial<Outcome> & { readonly runs?: readonly Outcome[] };

const outcomesOf = ({ runs, ...single }: Case) =>
  (runs ?? [single]).map(({ prompt_length, greedy_token_ids, token_ids, segment_token_ids }) => ({
    prompt_length,
    greedy_token_ids,
    token_ids,
    segment_token_ids,
  }));

describe.each([
  { family: 'llava', notComputed: /^$/ },
  // MiniGPT-v2 without what fine-tuning changed is no model of this project.
  { family: 'minigpt-v2', notComputed: /_without_lora$/ },
])('$family in its published layouts', ({ family, notComputed }) => {
  let numbers: ReferenceNumbers;
  beforeAll(async () => {
    numbers = (await familyNumbers(fixture(family), await folders.create()))!;
  });

  it('computes what the original computes, from pixels to logits', async () => {
    const expected = [...(await expectedTensors(family))].filter(([name]) => !notComputed.test(name));
    expect(expected.length).toBeGreaterThan(0);
    const computed = new Map(numbers.tensors.map((tensor) => [tensor.name, toFloat32(tensor)]));
    for (const [name, values] of expected) {
      const difference = relativeDifference(computed.get(name) ?? [], values);
      expect([name, difference < TOLERANCE]).toEqual([name, true]);
    }
  });

  it('tokenises as the original, and says the same', async () => {
    const { cases } = JSON.parse(await readFile(join(fixture(family), 'expected.json'), 'utf8')) as {
      cases: Case[];
    };
    expect((numbers.description.cases as Case[]).map(outcomesOf)).toEqual(cases.map(outcomesOf));
  });
});

/** A model package in an engine, and what it answers to the turns of a conversation. */
async function startFrom(from: readonly string[]) {
  const modelPath = join(await folders.create(), 'model');
  const { template } = await convert({
    sources: { from },
    out: modelPath,
    quantization: { kind: 'none' },
    anyLanguageModel: true,
  });
  const engine = await startEngine({
    modelPath,
    device: 'cpu',
    keyValueType: 'float32',
    slots: 2,
    contextLength: 256,
  });
  const answer = async (turns: readonly Turn<Uint8Array>[], maxNewTokens: number) => {
    const { segments, stopSequences } = buildPrompt({ template, turns });
    const events = engine.generate({
      segments: segments.map((segment) =>
        segment.kind === 'text' ? segment : { kind: 'image', image: { kind: 'bytes', bytes: segment.image } },
      ),
      sampling: { temperature: 0 },
      maxNewTokens,
      stopSequences,
    });
    const tokens: number[] = [];
    let cachedImages = 0;
    for await (const event of events) {
      if (event.kind === 'delta') tokens.push(...event.tokenIds);
      else if (event.kind === 'finish') cachedImages = event.usage.cachedImages;
    }
    return { tokens, cachedImages };
  };
  return { answer, close: () => engine.close() };
}

async function answerTokens(
  from: readonly string[],
  turns: readonly Turn<Uint8Array>[],
  maxNewTokens: number,
): Promise<number[]> {
  const model = await startFrom(from);
  try {
    return (await model.answer(turns, maxNewTokens)).tokens;
  } finally {
    await model.close();
  }
}

describe('a conversation, written in its template and answered by the engine', () => {
  const expectedCases = async (family: string) =>
    (JSON.parse(await readFile(join(fixture(family), 'expected.json'), 'utf8')) as { cases: Case[] }).cases;

  it('gets the tokens of the original, of LLaVA with an earlier answer', async () => {
    const folder = fixture('llava');
    const turns: Turn<Uint8Array>[] = [
      { role: 'user', images: [await readFile(join(folder, 'wide.png'))], text: 'What is this?' },
      { role: 'assistant', text: 'It is a red apple.' },
      { role: 'user', images: [], text: 'How many objects are there?' },
    ];
    const from = ['original', 'clip'].map((part) => join(folder, part));
    const [, original] = (await expectedCases('llava'))[2]!.runs!;
    expect(await answerTokens(from, turns, 20)).toEqual(original!.greedy_token_ids);
  });

  it('gets the tokens of the original, of MiniGPT-v2 with an earlier answer', async () => {
    const folder = fixture('minigpt-v2');
    const turns: Turn<Uint8Array>[] = [
      { role: 'user', images: [await readFile(join(folder, 'park.png'))], text: 'What is this?' },
      { role: 'assistant', text: 'It is a park.' },
      { role: 'user', images: [], text: '[vqa] how many trees are there?' },
    ];
    const { greedy_token_ids } = (await expectedCases('minigpt-v2'))[6]!;
    expect(await answerTokens([folder], turns, 24)).toEqual(greedy_token_ids);
  });
});

describe('InstructBLIP, which looks at a picture with the question in mind', () => {
  it('gives each question the tokens of the original, though all are about one picture, encoded once', async () => {
    const folder = fixture('instructblip');
    const { cases } = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8')) as {
      cases: { image: string; prompt: string; greedy_token_ids: number[] }[];
    };
    const model = await startFrom([join(folder, 'lavis')]);
    try {
      const replies = [];
      for (const { image, prompt } of [...cases, ...cases]) {
        const images = [await readFile(join(folder, `${image}.png`))];
        replies.push(await model.answer([{ role: 'user', images, text: prompt }], 24));
      }
      expect(replies.map(({ tokens }) => tokens)).toEqual(
        [...cases, ...cases].map(({ greedy_token_ids }) => greedy_token_ids),
      );
      expect(replies.map(({ cachedImages }) => cachedImages)).toEqual([0, 0, 1, 1, 1, 1, 1, 1]);
    } finally {
      await model.close();
    }
  });
});

describe("LLaVA's two layouts", () => {
  it('make packages of the same weights, but for the rows that Hugging Face adds to the vocabulary', async () => {
    const folder = fixture('llava');
    const packageFrom = async (...parts: string[]) =>
      convert({
        sources: { from: parts.map((part) => join(folder, part)) },
        out: join(await folders.create(), 'model'),
        quantization: { kind: 'none' },
      });
    const huggingFace = await packageFrom('hf');
    const original = await packageFrom('clip', 'original');
    for (const file of ['vision.safetensors', 'projection.safetensors', 'tokenizer.json']) {
      expect([file, huggingFace.digests[file]]).toEqual([file, original.digests[file]]);
    }
    expect(huggingFace).toMatchObject({ family: 'llava-1.5', template: 'vicuna-v1' });
    expect([huggingFace, original].map(({ architecture }) => architecture.vision.resizing)).toEqual([
      'crop',
      'pad',
    ]);
    expect([huggingFace, original].map(({ architecture }) => architecture.decoder.vocabulary)).toEqual([
      1536, 1500,
    ]);
  });

  it('ask for the vision tower, which the original leaves to another repository', async () => {
    const attempt = convert({
      sources: { from: [join(fixture('llava'), 'original')] },
      out: join(await folders.create(), 'model'),
      quantization: { kind: 'none' },
    });
    await expect(attempt).rejects.toThrow(/This is LLaVA-1.5, but CLIP's vision tower, .+ is missing/);
  });
});
