import { architectureConfig } from '#libs/minigpt4';

/** MiniGPT-4 with Vicuna 7B v0, as published. */
export const minigpt4With7b = architectureConfig.parse({
  vision: { imageSize: 224, patchSize: 14, width: 1408, depth: 39, heads: 16, mlpWidth: 6144 },
  qFormer: { hidden: 768, layers: 12, heads: 12, intermediate: 3072, queries: 32, crossAttentionEvery: 2 },
  projection: { widths: [768, 4096] },
  decoder: {
    hidden: 4096,
    layers: 32,
    heads: 32,
    keyValueHeads: 32,
    intermediate: 11_008,
    vocabulary: 32_001,
    contextLength: 2048,
    rmsNormEpsilon: 1e-6,
  },
});
