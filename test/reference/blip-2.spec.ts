import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { z } from 'zod';

import { float32Tensor, openCheckpoint, toFloat32, writeSafetensors } from '#libs/checkpoint';
import { startEngine } from '#libs/engine';
import { convert, openModelPackage } from '#libs/model-package';
import { familyNumbers, type ReferenceNumbers, readExpectation, readReferenceImage } from '#libs/reference';

import { writeWholeModel } from '../support/blip-2-folder.js';
import { tinyBlip2, tinyInstructBlip } from '../support/tiny-blip-2.js';
import { relativeDifference } from './reference-folder.js';

/** What the references' READMEs ask of float32. */
const TOLERANCE = 2e-4;

const fixtures = resolve('test/fixtures/families');
const instruct = join(fixtures, 'instructblip');

/** Small random models in LAVIS's files, and what LAVIS and transformers compute with them. */
const models = [
  {
    title: 'BLIP-2 with OPT',
    folder: join(fixtures, 'blip2-opt'),
    published: tinyBlip2,
    vocabularyFolder: undefined,
    manifest: {
      family: 'blip2-opt',
      template: 'question-answer',
      tokens: { beginOfSequence: 2, endOfSequence: 496, beginsAfterImages: true },
    },
  },
  {
    title: 'InstructBLIP with Vicuna',
    folder: instruct,
    published: tinyInstructBlip,
    vocabularyFolder: tinyInstructBlip.vocabulary,
    manifest: {
      family: 'instructblip-vicuna',
      template: 'instruction',
      tokens: { beginOfSequence: 2, endOfSequence: 2, beginsAfterImages: true },
    },
  },
];

const tokens = z.array(z.int());
const cases = z.array(
  z
    .object({
      image: z.string(),
      prompt: z.string(),
      token_ids: tokens,
      qformer_token_ids: tokens,
      llm_token_ids: tokens,
      greedy_token_ids: tokens,
    })
    .partial(),
);

let workFolder: string;
beforeAll(async () => {
  workFolder = await mkdtemp(join(tmpdir(), 'blip-2-'));
});
afterAll(() => rm(workFolder, { recursive: true }));

/** Every tensor of the original that is computed in full, and how far it is off. */
async function differences(folder: string, { tensors }: ReferenceNumbers): Promise<Map<string, number>> {
  const expected = await openCheckpoint(join(folder, 'expected.safetensors'));
  try {
    const found = new Map<string, number>();
    for (const tensor of tensors) {
      const values = toFloat32(await expected.read(tensor.name));
      // LAVIS's own files have no row for padding.
      const kept = tensor.name.endsWith('.first_logits') ? values.subarray(0, tensor.shape[0]) : values;
      found.set(tensor.name, relativeDifference(toFloat32(tensor), kept));
    }
    return found;
  } finally {
    await expected.close();
  }
}

describe.each(models)('$title', ({ title, folder, published, vocabularyFolder, manifest }) => {
  let numbers: ReferenceNumbers;
  let hub: string;
  beforeAll(async () => {
    numbers = (await familyNumbers(folder, join(workFolder, title)))!;
    hub = join(workFolder, `${title} on the hub`);
    await writeWholeModel(join(hub, 'hf'), published);
    if (vocabularyFolder) await cp(vocabularyFolder, join(hub, 'hf/qformer_tokenizer'), { recursive: true });
  });

  it('computes from LAVIS’s files what the original does, from pixels to logits', async () => {
    const found = await differences(folder, numbers);
    expect([...found].filter(([, difference]) => difference >= TOLERANCE)).toEqual([]);
    for (const stage of ['pixel_values', 'vit', 'ln_vision', 'qformer', 'projected']) {
      expect([...found.keys()].filter((name) => name.endsWith(`.${stage}`))).not.toEqual([]);
    }
    expect([...found.keys()].filter((name) => name.endsWith('.first_logits'))).not.toEqual([]);
  });

  it('tokenises every prompt as the original, and continues it with the same tokens', async () => {
    const expected = await readExpectation(folder, z.object({ cases }));
    expect(cases.parse(numbers.description.cases)).toEqual(expected.cases);
  });

  it('makes a package that says how prompts begin and replies end', async () => {
    expect((await openModelPackage(join(workFolder, title, 'lavis'))).manifest).toMatchObject(manifest);
  });

  it('makes of the hub’s folder the same weights, but for the rows that round its vocabulary up', async () => {
    const original = (await openModelPackage(join(workFolder, title, 'lavis'))).manifest;
    const { digests, tokens, architecture } = await convert({
      sources: { from: [join(hub, 'hf')] },
      out: join(hub, 'package'),
      quantization: { kind: 'none' },
    });
    const { 'decoder.safetensors': _, ...others } = digests;
    expect(original.digests).toMatchObject(others);
    expect(tokens).toEqual(original.tokens);
    expect(architecture).toEqual({
      ...original.architecture,
      decoder: { ...original.architecture.decoder, vocabulary: published.rows },
    });
  });

  it.each([undefined, 8])(
    'answers from that folder with the tokens of the original, none of those rows among them, in bursts of %s',
    async (burst) => {
      const expected = await readExpectation(
        folder,
        z.object({ cases, max_new_tokens: z.int().default(24) }),
      );
      const engine = await startEngine({
        modelPath: join(hub, 'package'),
        device: 'cpu',
        keyValueType: 'float32',
        slots: 4,
        contextLength: 128,
        burst,
      });
      try {
        // All at once: prompts of unequal length share every run of the decoder.
        const replies = await Promise.all(
          expected.cases.map(async ({ image, prompt }) => {
            const bytes = await readReferenceImage(folder, image!);
            const events = engine.generate({
              segments: [
                { kind: 'image', image: { kind: 'bytes', bytes } },
                { kind: 'text', text: prompt! },
              ],
              sampling: { temperature: 0 },
              maxNewTokens: expected.max_new_tokens,
              stopSequences: [],
            });
            const reply: number[] = [];
            for await (const event of events) if (event.kind === 'delta') reply.push(...event.tokenIds);
            return reply;
          }),
        );
        expect(replies).toEqual(expected.cases.map(({ greedy_token_ids }) => greedy_token_ids));
      } finally {
        await engine.close();
      }
    },
  );
});

it('InstructBLIP asks for the vocabulary of its questions, and refuses another Q-Former’s', async () => {
  const lavis = join(instruct, 'lavis');
  const files = ['eva_vit_g.pth', 'instruct_blip_vicuna7b_trimmed.pth', 'llm'].map((file) =>
    join(lavis, file),
  );
  const attempt = (...more: string[]) =>
    convert({
      sources: { from: [...files, ...more] },
      out: join(workFolder, 'never'),
      quantization: { kind: 'none' },
    });
  await expect(attempt()).rejects.toThrow(
    /This is InstructBLIP with Vicuna, but BERT's vocab\.txt, .+ is missing/,
  );
  const large = join(workFolder, 'vocab.txt');
  const vocabulary = await readFile(join(lavis, 'bert-base-uncased/vocab.txt'), 'utf8');
  await writeFile(large, `${vocabulary}${'word\n'.repeat(9)}`);
  await expect(attempt(large)).rejects.toThrow(/314 pieces but the Q-Former's embedding table only 306 rows/);
});

it('BLIP-2 with FlanT5 is refused by name, in both layouts', async () => {
  for (const name of ['t5_proj.weight', 'language_model.encoder.block.0.layer.0.SelfAttention.q.weight']) {
    const path = join(workFolder, 'flan-t5.safetensors');
    await writeSafetensors(path, [float32Tensor(name, [1], Float32Array.of(1))]);
    const attempt = convert({
      sources: { from: [path] },
      out: join(workFolder, 'never'),
      quantization: { kind: 'none' },
    });
    await expect(attempt).rejects.toThrow(
      /with FlanT5 as its language model; they run here with OPT and Vicuna only/,
    );
  }
});
