import { availableParallelism } from 'node:os';

import { engineOptions } from './engine-options.js';

const optionsWith = (options: Readonly<Record<string, unknown>>) =>
  engineOptions.safeParse({ modelPath: 'models/nano', device: 'cpu', ...options });

describe("an engine's options", () => {
  it('are by default those of a small machine', () => {
    expect(engineOptions.parse({ modelPath: 'models/nano', device: 'cpu' })).toMatchObject({
      verification: 'small',
      reproducible: true,
      threads: availableParallelism(),
      slots: 8,
      keyValueCacheBytes: 2 ** 31,
      queueLimit: 64,
      prefillChunk: 128,
      prefillPauseSeconds: 0.25,
      embeddingCacheBytes: 2 ** 28,
      warmUp: false,
      maxImages: 64,
      maxImageBytes: 2 ** 30,
      maxImagePixels: 50_000_000,
    });
  });

  it.each([
    ['burst', 1, 256],
    ['prefillChunk', 2, 1_000_000],
    ['slots', 1, 1_000],
    ['threads', 1, 1_000],
    ['queueLimit', 0, 1_000_000],
    ['embeddingCacheBytes', 0, 2 ** 40],
    ['maxImages', 0, 1_000],
  ])('take %s from %d to %d', (option, least, large) => {
    expect([least, large].map((value) => optionsWith({ [option]: value }).success)).toEqual([true, true]);
    expect([least - 1, 1.5].map((value) => optionsWith({ [option]: value }).success)).toEqual([false, false]);
  });

  it('refuse bursts beyond 256 tokens, and pauses of no length', () => {
    expect(optionsWith({ burst: 257 }).success).toBe(false);
    expect(optionsWith({ prefillPauseSeconds: 0 }).success).toBe(false);
  });
});
