import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { float32Tensor, writeSafetensors } from '#libs/checkpoint';
import { embeddingGraph, encoderChain, encoderGraph, preprocessImage } from '#libs/minigpt4';
import { convert, type ModelPackage, openModelPackage } from '#libs/model-package';
import { type InferenceSession, Tensor } from '#libs/onnx-runtime';

import { CachedDecoder } from './cached-decoder.js';
import {
  convertReference,
  type Expectation,
  ExpectedTensors,
  type FloatTensor,
  openSession,
  readExpectation,
  referenceFolder,
  relativeDifference,
  sources,
  TemporaryFolders,
} from './reference-folder.js';

/** What the reference's README asks of float32. */
const TOLERANCE = 2e-4;
const PIXEL_TOLERANCE = 0.02;

const folders = new TemporaryFolders();
let expected: ExpectedTensors;
let expectation: Expectation;
let model: ModelPackage;
/** Any one of the reference's images. */
let image: string;

beforeAll(async () => {
  expected = await ExpectedTensors.read();
  expectation = await readExpectation();
  image = expectation.cases.flatMap(({ images }) => images)[0]!;
  model = await convertReference(await folders.create());
});
afterAll(() => folders.removeAll());

const tensorOf = ({ data, shape }: FloatTensor) => new Tensor('float32', data, shape);

async function run(session: InferenceSession, feeds: InferenceSession.FeedsType, output: string) {
  const results = await session.run(feeds);
  return results[output]!.data as Float32Array;
}

describe('the image encoder', () => {
  it('computes what the original computes, stage by stage', async () => {
    const graph = encoderGraph(model.manifest.architecture, model.weights, {
      stages: ['vit', 'ln_vision', 'qformer'],
    });
    const session = await openSession(graph, model);
    const images = expected.names.filter((name) => name.endsWith('.pixel_values'));
    expect(images.length).toBeGreaterThan(0);
    for (const each of images.map((name) => name.replace('.pixel_values', ''))) {
      const results = await session.run({ pixel_values: tensorOf(expected.get(`${each}.pixel_values`)) });
      for (const stage of ['vit', 'ln_vision', 'qformer', 'projected']) {
        const actual = results[stage]!.data as Float32Array;
        expect([
          stage,
          relativeDifference(actual, expected.get(`${each}.${stage}`).data) < TOLERANCE,
        ]).toEqual([stage, true]);
      }
    }
    await session.release();
  });

  it('computes the same when it is cut between the blocks of the ViT', async () => {
    let values: Tensor = tensorOf(expected.get(`${image}.pixel_values`));
    for (const graph of encoderChain(model.manifest.architecture, model.weights, 1)) {
      const session = await openSession(graph, model);
      const { output } = await session.run({ input: values });
      values = output as Tensor;
      await session.release();
    }
    const projected = values.data as Float32Array;
    expect(relativeDifference(projected, expected.get(`${image}.projected`).data)).toBeLessThan(TOLERANCE);
  });

  it('stays near with int8 weights', async () => {
    const out = await folders.create();
    await convert({
      sources,
      out,
      quantization: { kind: 'none' },
      encoderQuantization: { kind: 'int8' },
    });
    const small = await openModelPackage(out);
    const session = await openSession(encoderGraph(small.manifest.architecture, small.weights), small);
    const feeds = { pixel_values: tensorOf(expected.get(`${image}.pixel_values`)) };
    const error = relativeDifference(
      await run(session, feeds, 'projected'),
      expected.get(`${image}.projected`).data,
    );
    expect(error).toBeGreaterThan(TOLERANCE);
    expect(error).toBeLessThan(0.3);
    await session.release();
  });

  it('sees the pixels that the original sees', async () => {
    const { imageSize } = model.manifest.architecture.vision;
    const files = (await readdir(referenceFolder)).filter((file) => /\.(png|jpg)$/.test(file));
    const seen = expected.names.filter((name) => name.endsWith('.pixel_values'));
    expect(files.map((file) => file.replace(/\.\w+$/, '.pixel_values')).sort()).toEqual(seen.sort());
    for (const file of files) {
      const bytes = await readFile(join(referenceFolder, file));
      const { pixelValues } = await preprocessImage(bytes, { imageSize, maxPixels: 1e8 });
      const { data } = expected.get(`${file.replace(/\.\w+$/, '')}.pixel_values`);
      const differences = data.map((value, index) => Math.abs(value - pixelValues[index]!));
      expect(differences.reduce((sum, value) => sum + value, 0) / data.length).toBeLessThan(PIXEL_TOLERANCE);
    }
  });

  it('joins neighbouring patches for a projection that was trained without the Q-Former', async () => {
    const projection = join(await folders.create(), 'projection.safetensors');
    await writeProjection(projection, expected.get('no_qformer.weight'), expected.get('no_qformer.bias'));
    const joined = await convertReference(await folders.create(), { ...sources, projection });
    const session = await openSession(encoderGraph(joined.manifest.architecture, joined.weights), joined);
    const feeds = { pixel_values: tensorOf(expected.get(`${image}.pixel_values`)) };
    const projected = await run(session, feeds, 'projected');
    expect(relativeDifference(projected, expected.get('no_qformer.projected').data)).toBeLessThan(TOLERANCE);
    await session.release();
  });
});

async function writeProjection(path: string, weight: FloatTensor, bias: FloatTensor): Promise<void> {
  await writeSafetensors(path, [
    float32Tensor('llama_proj.weight', weight.shape, weight.data),
    float32Tensor('llama_proj.bias', bias.shape, bias.data),
  ]);
}

describe('the decoder', () => {
  const openDecoder = (from: ModelPackage, keyValueType: 'float32' | 'float16' = 'float32') =>
    CachedDecoder.open(from, keyValueType);

  it('takes the embeddings that the original takes', async () => {
    const session = await openSession(embeddingGraph(model.weights), model);
    const { hidden } = model.manifest.architecture.decoder;
    for (const [index, { images, segment_token_ids: segments }] of expectation.cases.entries()) {
      const ids = segments.flat();
      const feeds = { token_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]) };
      const embeddings = await run(session, feeds, 'embeddings');
      const parts = segments.flatMap((segment, at) => {
        const start = segments.slice(0, at).flat().length;
        const text = embeddings.subarray(start * hidden, (start + segment.length) * hidden);
        return at < images.length ? [text, expected.get(`${images[at]}.projected`).data] : [text];
      });
      const whole = Float32Array.from(parts.flatMap((part) => [...part]));
      expect(relativeDifference(whole, expected.get(`case${index}.inputs_embeds`).data)).toBeLessThan(
        TOLERANCE,
      );
    }
    await session.release();
  });

  it('gives the same logits and the same greedy words', async () => {
    const decoder = await openDecoder(model);
    for (const [index, { greedy_token_ids: greedy }] of expectation.cases.entries()) {
      const prompt = expected.get(`case${index}.inputs_embeds`);
      const logits = await decoder.prefill(prompt.data);
      expect(relativeDifference(logits, expected.get(`case${index}.first_logits`).data)).toBeLessThan(
        TOLERANCE,
      );
      expect(await decoder.greedy(logits, greedy.length)).toEqual(greedy);
    }
    await decoder.close();
  });

  it('gives the same logits when the prompt comes in pieces', async () => {
    const decoder = await openDecoder(model);
    const prompt = expected.get('case0.inputs_embeds');
    const logits = await decoder.prefill(prompt.data, 16);
    expect(relativeDifference(logits, expected.get('case0.first_logits').data)).toBeLessThan(TOLERANCE);
    await decoder.close();
  });

  it('reads the sharded PyTorch weights as it reads the safetensors ones', async () => {
    const llm = await folders.create();
    await cp(sources.llm, llm, { recursive: true });
    const safetensors = (await readdir(llm)).filter((file) => file.includes('safetensors'));
    await Promise.all(safetensors.map((file) => rm(join(llm, file))));
    const fromPyTorch = await convertReference(await folders.create(), { ...sources, llm });
    for (const file of ['vision.safetensors', 'projection.safetensors', 'decoder.safetensors']) {
      const [one, other] = await Promise.all(
        [model, fromPyTorch].map(({ folder }) => readFile(join(folder, file))),
      );
      expect([file, one!.equals(other!)]).toEqual([file, true]);
    }
  });

  // Random weights have thin margins, so only the size of the logits' error is bounded, not the words. Measured are at
  // most 0.035 and 0.41; zeros would give 1, and the logits after another prompt 0.9 and more.
  it.each([
    { quantization: { kind: 'int8' }, tolerance: 0.04 },
    { quantization: { kind: 'int8-weights', blockSize: 32 }, tolerance: 0.06 },
    { quantization: { kind: 'int4', blockSize: 32 }, tolerance: 0.5 },
  ] as const)('stays near with $quantization.kind', async ({ quantization, tolerance }) => {
    const small = await convertReference(await folders.create(), sources, quantization);
    const decoder = await openDecoder(small);
    for (const index of expectation.cases.keys()) {
      const logits = await decoder.prefill(expected.get(`case${index}.inputs_embeds`).data);
      const error = relativeDifference(logits, expected.get(`case${index}.first_logits`).data);
      expect(error).toBeGreaterThan(0);
      expect(error).toBeLessThan(tolerance);
    }
    await decoder.close();
  });

  it('keeps near with keys and values in float16', async () => {
    const decoder = await openDecoder(model, 'float16');
    const logits = await decoder.prefill(expected.get('case0.inputs_embeds').data);
    expect(relativeDifference(logits, expected.get('case0.first_logits').data)).toBeLessThan(5e-3);
    await decoder.close();
  });
});
