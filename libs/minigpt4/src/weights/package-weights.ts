import type { ArchitectureConfig } from '../config.js';
import { type DecoderAdapters, decoderWeights } from './decoder-weights.js';
import type { PackageWeight } from './package-weight.js';
import { type ProjectionNames, projectionWeights } from './projection-weights.js';
import {
  qFormerWeights,
  type VisionLayout,
  type VisionNormOrigin,
  visionNormWeights,
  vitWeights,
} from './vision-weights.js';

/** Where the published tensors differ although the architecture is the same. */
export interface PublishedLayout {
  readonly vision: VisionLayout;
  readonly visionNorm: VisionNormOrigin;
  readonly projection: ProjectionNames;
  /** The language model's output matrix is its embedding table. */
  readonly tiedHead: boolean;
  /** Low-rank changes of the language model, published apart from it. */
  readonly adapters?: DecoderAdapters;
}

/** MiniGPT-4's: `llama_proj` alone, or `llama_proj.0`, `llama_proj.1`, … when there are several layers. */
export const llamaProjection: ProjectionNames = (layer, count) =>
  count === 1 ? 'llama_proj' : `llama_proj.${layer}`;

/** The layout of the checkpoints the original's authors name. */
export const originalLayout: PublishedLayout = {
  vision: 'original',
  visionNorm: 'q-former-checkpoint',
  projection: llamaProjection,
  tiedHead: false,
};

/** Every weight of a model package, in the order of computation. */
export function packageWeights(
  { vision, qFormer, projection, decoder }: ArchitectureConfig,
  layout: PublishedLayout = originalLayout,
): PackageWeight[] {
  return [
    ...vitWeights(vision, layout.vision),
    ...(vision.outputLayerNormEpsilon === null
      ? []
      : visionNormWeights(vision.width, layout.visionNorm, layout.vision)),
    ...(qFormer && layout.vision !== 'clip' ? qFormerWeights(qFormer, vision.width, layout.vision) : []),
    ...projectionWeights(projection, layout.projection),
    ...decoderWeights(decoder, layout.tiedHead, layout.adapters),
  ];
}
