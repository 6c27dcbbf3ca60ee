import { estimateMemory, type MemoryDemand, requireMemory } from './memory-estimate.js';

/** MiniGPT-4 with Vicuna 7B. */
const demand: MemoryDemand = {
  architecture: {
    vision: {
      imageSize: 224,
      patchSize: 14,
      width: 1408,
      depth: 39,
      heads: 16,
      mlpWidth: 6144,
      layerNormEpsilon: 1e-6,
      outputLayerNormEpsilon: 1e-5,
    },
    qFormer: {
      hidden: 768,
      layers: 12,
      heads: 12,
      intermediate: 3072,
      queries: 32,
      crossAttentionEvery: 2,
      layerNormEpsilon: 1e-12,
    },
    projection: { widths: [768, 4096], patchesPerToken: 1 },
    decoder: {
      hidden: 4096,
      layers: 32,
      heads: 32,
      keyValueHeads: 32,
      intermediate: 11008,
      vocabulary: 32001,
      contextLength: 2048,
      rmsNormEpsilon: 1e-6,
      ropeBase: 10000,
    },
  },
  quantization: { decoder: { kind: 'int4', blockSize: 128 } },
  device: 'cpu',
  slots: 1,
  contextLength: 1024,
  keyValueType: 'float32',
  precision: 'float32',
};

/** In billions of bytes, to a tenth. */
const gigabytes = (bytes: number) => Math.round(bytes / 1e8) / 10;

describe('the memory a 7B model takes', () => {
  it('is its weights, its KV cache and the runtime', () => {
    const { weights, keyValueCache, total } = estimateMemory(demand);
    expect(gigabytes(weights)).toBe(7.9);
    expect(gigabytes(keyValueCache)).toBe(1.1);
    expect(gigabytes(total)).toBe(9.4);
  });

  it('is the embedding table more on a device that cannot read it from the disk', () => {
    const table = 32001 * 4096 * 4;
    expect(estimateMemory({ ...demand, device: 'cuda' }).weights - estimateMemory(demand).weights).toBe(
      table,
    );
  });

  it('is said, with what would make it fit, when there is less', () => {
    expect(() => requireMemory(demand, 10e9)).not.toThrow();
    expect(() => requireMemory({ ...demand, quantization: { decoder: { kind: 'none' } } }, 10e9)).toThrow(
      'It needs 32.3 GB of memory, but 10.0 GB are free: choose int4 weights',
    );
    expect(() => requireMemory({ ...demand, slots: 8 }, 10e9)).toThrow(
      'It needs 16.9 GB of memory, but 10.0 GB are free: choose fewer slots',
    );
    expect(() => requireMemory({ ...demand, contextLength: 2048 }, 9e9)).toThrow(
      'choose a context of 512 tokens',
    );
    expect(() => requireMemory(demand, 4e9)).toThrow('no setting makes it fit');
  });
});
