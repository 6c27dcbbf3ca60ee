import { type ArchitectureConfig, architectureConfig } from '#libs/minigpt4';

/** What one batch of stage 1 looks like: captions differ in length from batch to batch. */
export interface BatchShape {
  readonly images: number;
  /** Visual tokens of an image. */
  readonly visual: number;
  /** Of a sequence: begin-of-sequence, the image, the caption. */
  readonly tokens: number;
}

/** The nano model's sizes, with a decoder of any width. */
export function nanoWithDecoder(hidden: number): ArchitectureConfig {
  return architectureConfig.parse({
    vision: { imageSize: 112, patchSize: 14, width: 192, depth: 6, heads: 6, mlpWidth: 837 },
    qFormer: { hidden: 192, layers: 4, heads: 6, intermediate: 768, queries: 16, crossAttentionEvery: 2 },
    projection: { widths: [192, hidden] },
    decoder: {
      hidden,
      layers: 4,
      heads: hidden / 32,
      keyValueHeads: hidden / 32,
      intermediate: Math.round((hidden * 688) / 256),
      vocabulary: 2048,
      contextLength: 2048,
      rmsNormEpsilon: 1e-6,
    },
  });
}

/** The lengths that batches of the emoji scenes have. */
export function stage1Batches(images: number): BatchShape[] {
  return [29, 30, 30, 31].map((tokens) => ({ images, visual: 16, tokens }));
}
