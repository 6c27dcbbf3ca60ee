import type { ArchitectureConfig } from '#libs/minigpt4';

/** ViT-g/14 as EVA-CLIP publishes it, at MiniGPT-4's image size. */
const vision = {
  imageSize: 224,
  patchSize: 14,
  width: 1_408,
  depth: 39,
  heads: 16,
  mlpWidth: 6_144,
  layerNormEpsilon: 1e-6,
  outputLayerNormEpsilon: 1e-5,
} as const;

const qFormer = {
  hidden: 768,
  layers: 12,
  heads: 12,
  intermediate: 3_072,
  queries: 32,
  crossAttentionEvery: 2,
  layerNormEpsilon: 1e-12,
} as const;

const decoder7b = {
  hidden: 4_096,
  layers: 32,
  heads: 32,
  keyValueHeads: 32,
  intermediate: 11_008,
  vocabulary: 32_001,
  contextLength: 2_048,
  rmsNormEpsilon: 1e-6,
  ropeBase: 10_000,
} as const;

const decoder13b = {
  ...decoder7b,
  hidden: 5_120,
  layers: 40,
  heads: 40,
  keyValueHeads: 40,
  intermediate: 13_824,
} as const;

/** The published models that `pull` knows, in the sizes that decide whether they fit. */
export const publishedSizes: Readonly<Record<string, ArchitectureConfig>> = {
  'minigpt4-vicuna-7b': {
    vision,
    qFormer,
    projection: { widths: [768, 4_096], patchesPerToken: 1 },
    decoder: decoder7b,
  },
  'minigpt4-llama2-7b': {
    vision,
    qFormer: null,
    projection: { widths: [5_632, 4_096], patchesPerToken: 4 },
    decoder: { ...decoder7b, vocabulary: 32_000 },
  },
  'minigpt4-vicuna-13b': {
    vision,
    qFormer,
    projection: { widths: [768, 5_120], patchesPerToken: 1 },
    decoder: decoder13b,
  },
};
