import { z } from 'zod';

const count = z.int().positive();
const epsilon = z.number().positive().max(1e-3);

/** EVA-CLIP ViT-g/14 and smaller towers of the same architecture (MiniGPT-4, eva_vit.py). */
const visionConfig = z.strictObject({
  /** Side of the square input in pixels. */
  imageSize: count,
  /** Side of a patch in pixels. */
  patchSize: count,
  width: count,
  /** Blocks in use; the published file holds one more, whose output MiniGPT-4 does not take. */
  depth: count,
  heads: count,
  mlpWidth: count,
  layerNormEpsilon: epsilon.default(1e-6),
  /** Of the separate `ln_vision` after the tower. */
  outputLayerNormEpsilon: epsilon.default(1e-5),
});
export type VisionConfig = z.infer<typeof visionConfig>;

/** The Q-Former's query path: a BERT some of whose layers cross-attend to the image (MiniGPT-4, Qformer.py). */
const qFormerConfig = z.strictObject({
  hidden: count,
  layers: count,
  heads: count,
  intermediate: count,
  queries: count,
  /** Layers 0, n, 2n, … have cross-attention. */
  crossAttentionEvery: count,
  layerNormEpsilon: epsilon.default(1e-12),
});
export type QFormerConfig = z.infer<typeof qFormerConfig>;

/**
 * From visual features to the decoder's embedding space: one linear layer in the paper; ablation (b) has three.
 * `widths` runs from input to output, so one layer has two entries.
 */
const projectionConfig = z.strictObject({
  widths: z.array(count).min(2),
  /** Neighbouring patches joined into one visual token when there is no Q-Former (MiniGPT-4, minigpt4.py), else 1. */
  patchesPerToken: count.default(1),
});
export type ProjectionConfig = z.infer<typeof projectionConfig>;

/** A LLaMA decoder (Touvron et al., 2023, section 2.2). */
const decoderConfig = z.strictObject({
  hidden: count,
  layers: count,
  heads: count,
  keyValueHeads: count,
  intermediate: count,
  /** Rows of the embedding table, padding rows included. */
  vocabulary: count,
  contextLength: count,
  rmsNormEpsilon: epsilon,
  ropeBase: z.number().positive().default(10_000),
});
export type DecoderConfig = z.infer<typeof decoderConfig>;

/** A whole MiniGPT-4: image → ViT → (Q-Former) → projection → decoder. */
export const architectureConfig = z.strictObject({
  vision: visionConfig,
  qFormer: qFormerConfig.nullable(),
  projection: projectionConfig,
  decoder: decoderConfig,
});
export type ArchitectureConfig = z.infer<typeof architectureConfig>;

/** Visual tokens one image takes in the decoder's context. */
export function tokensPerImage({ vision, qFormer, projection }: ArchitectureConfig): number {
  const patches = (vision.imageSize / vision.patchSize) ** 2;
  return qFormer ? qFormer.queries : patches / projection.patchesPerToken;
}
