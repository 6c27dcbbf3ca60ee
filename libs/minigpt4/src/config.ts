import { z } from 'zod';

const count = z.int().positive();
const epsilon = z.number().positive().max(1e-3);

/** A vision transformer: EVA-CLIP ViT-g/14 (MiniGPT-4, eva_vit.py), or CLIP ViT-L/14 where the settings say so. */
export const visionConfig = z.strictObject({
  /** Side of the square input in pixels. */
  imageSize: count,
  /**
   * How a picture of another shape becomes the square: both sides resized to it; the shorter side filled up to the
   * longer with the mean colour; or the middle cut out.
   */
  resizing: z.enum(['stretch', 'pad', 'crop']).default('stretch'),
  /** Side of a patch in pixels. */
  patchSize: count,
  width: count,
  /** Blocks in use; published files hold one more, whose output is not taken. */
  depth: count,
  heads: count,
  mlpWidth: count,
  /** QuickGELU is x · sigmoid(1.702 x). */
  activation: z.enum(['gelu', 'quick-gelu']).default('gelu'),
  /** Whether there is a norm between the embedding and the first block. */
  inputNorm: z.boolean().default(false),
  layerNormEpsilon: epsilon.default(1e-6),
  /** Of the separate `ln_vision` after the tower; null where there is none. */
  outputLayerNormEpsilon: epsilon.nullable().default(1e-5),
});
export type VisionConfig = z.infer<typeof visionConfig>;

/** What a Q-Former needs to read a question beside its queries (InstructBLIP, section 2.2). */
const qFormerText = z.strictObject({
  /** Rows of its embedding table. */
  vocabulary: count,
  /** Rows of its position table. */
  positions: count,
  /** Longer questions lose their beginning. */
  maxTokens: count,
});

/** The Q-Former: a BERT some of whose layers cross-attend to the image (MiniGPT-4, Qformer.py). */
const qFormerConfig = z.strictObject({
  hidden: count,
  layers: count,
  heads: count,
  intermediate: count,
  queries: count,
  /** Layers 0, n, 2n, … have cross-attention. */
  crossAttentionEvery: count,
  layerNormEpsilon: epsilon.default(1e-12),
  /** Absent where there are queries only. */
  text: qFormerText.optional(),
});
export type QFormerConfig = z.infer<typeof qFormerConfig>;

/**
 * From visual features to the decoder's embedding space: one linear layer in MiniGPT-4's paper, three in its ablation
 * (b), two with GELU between them in LLaVA-1.5. `widths` runs from input to output, so one layer has two entries.
 */
export const projectionConfig = z.strictObject({
  widths: z.array(count).min(2),
  /** Neighbouring patches joined into one visual token when there is no Q-Former (MiniGPT-4, minigpt4.py), else 1. */
  patchesPerToken: count.default(1),
  /** Between two layers. */
  activation: z.enum(['none', 'gelu']).default('none'),
});
export type ProjectionConfig = z.infer<typeof projectionConfig>;

const decoderSizes = {
  hidden: count,
  layers: count,
  heads: count,
  keyValueHeads: count,
  intermediate: count,
  /** Rows of the embedding table, padding rows included. */
  vocabulary: count,
  contextLength: count,
};

/** A LLaMA decoder (Touvron et al., 2023, section 2.2). */
const llamaConfig = z.strictObject({
  kind: z.literal('llama').optional(),
  ...decoderSizes,
  rmsNormEpsilon: epsilon,
  ropeBase: z.number().positive().default(10_000),
});
export type LlamaConfig = z.infer<typeof llamaConfig>;

/** An OPT decoder with norms before attention and feed-forward (Zhang et al., 2022; all sizes but 350M). */
const optConfig = z.strictObject({
  kind: z.literal('opt'),
  ...decoderSizes,
  layerNormEpsilon: epsilon.default(1e-5),
});
export type OptConfig = z.infer<typeof optConfig>;

/** The rows of its position table before that of position 0 (transformers, `OPTLearnedPositionalEmbedding`). */
export const OPT_POSITION_OFFSET = 2;

const decoderConfig = z.discriminatedUnion('kind', [llamaConfig, optConfig]);
export type DecoderConfig = z.infer<typeof decoderConfig>;

/** @throws RangeError for a decoder of another kind, where only LLaMA's is known */
export function requireLlama(decoder: DecoderConfig): LlamaConfig {
  if (decoder.kind === 'opt') {
    throw new RangeError(
      'This can be done only with a LLaMA as language model so far, and the model has an OPT.',
    );
  }
  return decoder;
}

/** A whole model: image → ViT → (Q-Former) → projection → decoder. */
export const architectureConfig = z.strictObject({
  vision: visionConfig,
  qFormer: qFormerConfig.nullable(),
  projection: projectionConfig,
  decoder: decoderConfig,
});
export type ArchitectureConfig = z.infer<typeof architectureConfig>;

/** Whether what a picture becomes depends on what is asked about it. */
export const readsQuestions = ({ qFormer }: Pick<ArchitectureConfig, 'qFormer'>): boolean =>
  qFormer?.text !== undefined;

/** Visual tokens one image takes in the decoder's context. */
export function tokensPerImage({ vision, qFormer, projection }: ArchitectureConfig): number {
  const patches = (vision.imageSize / vision.patchSize) ** 2;
  return qFormer ? qFormer.queries : patches / projection.patchesPerToken;
}
