import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { float32Tensor, writeSafetensors } from '#libs/checkpoint';
import { architectureConfig } from '#libs/minigpt4';

import {
  randomProjection,
  toLearningWeights,
  weightsOfCheckpoint,
  weightsOfPackage,
} from './initial-weights.js';
import { publishedTensor } from './result/published-tensors.js';
import { architectureOf, featureShape, frozenStage, learningWeights, trainingVariant } from './variant.js';

/** A small MiniGPT-4: 3 × 3 patches of width 8, 5 queries of width 6, and a decoder of width 10. */
const base = architectureConfig.parse({
  vision: { imageSize: 42, patchSize: 14, width: 8, depth: 1, heads: 2, mlpWidth: 16 },
  qFormer: { hidden: 6, layers: 2, heads: 2, intermediate: 12, queries: 5, crossAttentionEvery: 2 },
  projection: { widths: [6, 10] },
  decoder: {
    hidden: 10,
    layers: 1,
    heads: 1,
    keyValueHeads: 1,
    intermediate: 20,
    vocabulary: 32,
    contextLength: 64,
    rmsNormEpsilon: 1e-6,
  },
});
const variant = (content: object = {}) => trainingVariant.parse(content);

describe('a variant of the model', () => {
  it('is the paper’s where nothing is said', () => {
    expect(variant()).toEqual({ qFormer: 'frozen', linearLayers: 1, patchesPerToken: 4 });
    expect(architectureOf(base, variant())).toEqual(base);
  });

  it.each([0, 9, 1.5])('has no %d linear layers', (linearLayers) => {
    expect(() => variant({ linearLayers })).toThrow();
  });

  it.each([1, 8])('may have %d linear layers', (linearLayers) => {
    expect(architectureOf(base, variant({ linearLayers })).projection).toMatchObject({
      widths: [6, ...Array(linearLayers).fill(10)],
      patchesPerToken: 1,
    });
  });

  it('without a Q-Former joins neighbouring patches', () => {
    const { qFormer, projection } = architectureOf(base, variant({ qFormer: 'none', patchesPerToken: 3 }));
    expect(qFormer).toBeNull();
    expect(projection).toMatchObject({ widths: [24, 10], patchesPerToken: 3 });
    expect(architectureOf(base, variant({ qFormer: 'none', patchesPerToken: 9 })).projection.widths[0]).toBe(
      72,
    );
    expect(() => architectureOf(base, variant({ qFormer: 'none' }))).toThrow(
      '9 patches cannot be joined by 4. Choose a divisor as variant.patchesPerToken.',
    );
    expect(() => variant({ patchesPerToken: 0 })).toThrow();
  });

  it('needs the Q-Former that it is to have, and one that reads no questions', () => {
    expect(() => architectureOf({ ...base, qFormer: null }, variant())).toThrow(
      'This model has no Q-Former.',
    );
    const text = { vocabulary: 10, positions: 10, maxTokens: 4 };
    const reading = { ...base, qFormer: { ...base.qFormer!, text } };
    expect(() => architectureOf(reading, variant())).toThrow(expect.objectContaining({ code: 'variant' }));
  });
});

describe('what learns', () => {
  const roomsOf = (qFormer: string) =>
    new Set(learningWeights(base, variant({ qFormer })).map(({ name }) => name.split('.')[0]));

  it('is the projection, and the Q-Former where it is trained', () => {
    expect(roomsOf('frozen')).toEqual(new Set(['projection']));
    expect(roomsOf('trained')).toEqual(new Set(['q_former', 'projection']));
  });

  it('begins behind the frozen part, whose output has a token for each query or for each patch and one more', () => {
    const cases = (['frozen', 'trained', 'none'] as const).map((qFormer) => {
      const chosen = variant({ qFormer, patchesPerToken: 3 });
      return [frozenStage(chosen), ...featureShape(architectureOf(base, chosen), chosen)];
    });
    expect(cases).toEqual([
      ['qformer', 5, 6],
      ['ln_vision', 10, 8],
      ['ln_vision', 10, 8],
    ]);
  });
});

describe('the weights of the projection', () => {
  const weights = learningWeights(base, variant());
  const [matrix, bias] = randomProjection(weights, 42);

  it('begin as PyTorch has a linear layer, matrix and bias within 1/√inputs', () => {
    expect(weights.map(({ shape }) => shape)).toEqual([[6, 10], [10]]);
    expect([matrix!.length, bias!.length]).toEqual([60, 10]);
    const bound = 1 / Math.sqrt(6);
    for (const values of [matrix!, bias!]) {
      expect(Math.max(...values)).toBeLessThanOrEqual(bound);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(-bound);
    }
    expect(Math.max(...matrix!)).toBeGreaterThan(0.9 * bound);
    expect(Math.min(...matrix!)).toBeLessThan(-0.9 * bound);
    expect(randomProjection(weights, 42)[0]).toEqual(matrix);
    expect(randomProjection(weights, 43)[0]).not.toEqual(matrix);
  });

  it('decay where they are matrices', () => {
    const learning = toLearningWeights(weights, [matrix!, bias!], 0.05);
    expect(learning.map(({ weightDecay }) => weightDecay)).toEqual([0.05, 0]);
    expect(learning[0]!.data).toBe(matrix);
    expect(learning[1]!.name).toBe(weights[1]!.name);
  });

  it.each([
    [false, 'is missing, but [6,10] is to be trained'],
    [true, 'is [6,11], but [6,10] is to be trained'],
  ])('are not those of a package of another variant, which has them: %s', async (has, sentence) => {
    const catalog = { has: () => has, get: () => ({ shape: [6, 11] }) };
    const started = weightsOfPackage({ folder: 'models/nano', weights: catalog } as never, weights);
    await expect(started).rejects.toMatchObject({ code: 'initial-weights' });
    await expect(started).rejects.toThrow(
      `${sentence}. Start from "random", or train the variant the package was made for.`,
    );
  });

  it.each([
    ['is missing', 'other', [10, 6]],
    ['is [6,10]', 'llama_proj.weight', [6, 10]],
  ])('are not those of a checkpoint in which one %s', async (found, name, shape) => {
    const folder = await mkdtemp(join(tmpdir(), 'initial-weights-'));
    try {
      const path = join(folder, 'stage1.safetensors');
      await writeSafetensors(path, [float32Tensor(name, shape, new Float32Array(60))], {});
      await expect(weightsOfCheckpoint(path, weights)).rejects.toMatchObject({
        code: 'initial-weights',
        message: `${path}: llama_proj.weight ${found}, but [10,6] is to be trained. Take the checkpoint of the same variant and model.`,
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('are published as PyTorch has them, [out, in]', async () => {
    const values = Float32Array.from({ length: 60 }, (_, index) => index);
    const published = publishedTensor(weights[0]!, values);
    expect(published).toMatchObject({ name: 'llama_proj.weight', shape: [10, 6] });
    const read = new Float32Array(published.bytes.slice().buffer);
    // Number (out, in) is number in × 10 + out of the package's.
    expect([...read.slice(0, 7)]).toEqual([0, 10, 20, 30, 40, 50, 1]);
    expect(publishedTensor(weights[1]!, bias!)).toMatchObject({ name: 'llama_proj.bias', shape: [10] });
  });
});
