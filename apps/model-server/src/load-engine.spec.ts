import { parseServerConfig } from './config/environment.js';
import { engineOptionsOf } from './load-engine.js';

describe('the variables of the model server', () => {
  it("reach the engine, each in the engine's own unit", () => {
    const config = parseServerConfig({
      MODEL_PATH: '/models/mine',
      VERIFY: 'full',
      DEVICE: 'webgpu',
      BURST: '4',
      REPRODUCIBLE: 'off',
      THREADS: '3',
      SLOTS: '5',
      CONTEXT_LENGTH: '600',
      PREFILL_CHUNK: '64',
      PREFILL_PAUSE_MS: '125',
      KV_CACHE_MIB: '7',
      KV_CACHE_TYPE: 'float16',
      EMBEDDING_CACHE_MIB: '9',
      QUEUE_LIMIT: '11',
      MAX_IMAGES: '2',
      MAX_IMAGE_BYTES: '1000',
      MAX_IMAGE_PIXELS: '2000',
    });
    expect(engineOptionsOf(config)).toEqual({
      modelPath: '/models/mine',
      verification: 'full',
      device: 'webgpu',
      burst: 4,
      reproducible: false,
      threads: 3,
      slots: 5,
      contextLength: 600,
      prefillChunk: 64,
      prefillPauseSeconds: 0.125,
      keyValueCacheBytes: 7 * 2 ** 20,
      keyValueType: 'float16',
      embeddingCacheBytes: 9 * 2 ** 20,
      queueLimit: 11,
      maxImages: 2,
      maxImageBytes: 1_000,
      maxImagePixels: 2_000,
      warmUp: true,
    });
    expect(engineOptionsOf(parseServerConfig({}))).toMatchObject({ reproducible: true });
  });
});
