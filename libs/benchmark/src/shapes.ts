import {
  type ArchitectureConfig,
  type DecoderConfig,
  type QFormerConfig,
  type VisionConfig,
  visionConfig,
} from '#libs/minigpt4';

/** The tower of the embedded model "nano". */
const nanoVision = visionConfig.parse({
  imageSize: 112,
  patchSize: 14,
  width: 192,
  depth: 6,
  heads: 6,
  mlpWidth: 837,
  layerNormEpsilon: 1e-6,
  outputLayerNormEpsilon: 1e-5,
});

const nanoQFormer: QFormerConfig = {
  hidden: 192,
  layers: 4,
  heads: 6,
  intermediate: 768,
  queries: 16,
  crossAttentionEvery: 2,
  layerNormEpsilon: 1e-12,
};

/** EVA-CLIP ViT-g/14 without its last block, as MiniGPT-4 uses it (MiniGPT-4, eva_vit.py). */
const vitG = visionConfig.parse({
  imageSize: 224,
  patchSize: 14,
  width: 1408,
  depth: 39,
  heads: 16,
  mlpWidth: 6144,
  layerNormEpsilon: 1e-6,
  outputLayerNormEpsilon: 1e-5,
});

/** BLIP-2's, a BERT base whose every second layer looks at the image (LAVIS, Qformer.py). */
const blip2QFormer: QFormerConfig = {
  hidden: 768,
  layers: 12,
  heads: 12,
  intermediate: 3072,
  queries: 32,
  crossAttentionEvery: 2,
  layerNormEpsilon: 1e-12,
};

const nanoDecoder: DecoderConfig = {
  hidden: 256,
  layers: 4,
  heads: 8,
  keyValueHeads: 8,
  intermediate: 688,
  vocabulary: 2048,
  contextLength: 2048,
  rmsNormEpsilon: 1e-6,
  ropeBase: 10_000,
};

/** TinyLlama-1.1B (Zhang et al., 2024, table 1). */
const tinyLlama: DecoderConfig = {
  hidden: 2048,
  layers: 22,
  heads: 32,
  keyValueHeads: 4,
  intermediate: 5632,
  vocabulary: 32_000,
  contextLength: 2048,
  rmsNormEpsilon: 1e-5,
  ropeBase: 10_000,
};

/** LLaMA 7B (Touvron et al., 2023, table 2), on which Vicuna is built. */
const llama7b: DecoderConfig = {
  hidden: 4096,
  layers: 32,
  heads: 32,
  keyValueHeads: 32,
  intermediate: 11_008,
  vocabulary: 32_000,
  contextLength: 2048,
  rmsNormEpsilon: 1e-6,
  ropeBase: 10_000,
};

function connect(vision: VisionConfig, qFormer: QFormerConfig, decoder: DecoderConfig): ArchitectureConfig {
  const projection = {
    widths: [qFormer.hidden, decoder.hidden],
    patchesPerToken: 1,
    activation: 'none' as const,
  };
  return { vision, qFormer, projection, decoder };
}

/** Architectures to measure, by the part that gives each its name; the other part is small. */
export const shapes = {
  nano: connect(nanoVision, nanoQFormer, nanoDecoder),
  tinyllama: connect(nanoVision, nanoQFormer, tinyLlama),
  '7b': connect(nanoVision, nanoQFormer, llama7b),
  'vit-g': connect(vitG, blip2QFormer, nanoDecoder),
} as const satisfies Readonly<Record<string, ArchitectureConfig>>;

export type ShapeName = keyof typeof shapes;
export const shapeNames = Object.keys(shapes) as readonly ShapeName[];
