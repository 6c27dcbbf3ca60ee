import type { ArchitectureConfig } from '../config.js';
import { decoderWeights } from './decoder-weights.js';
import type { PackageWeight } from './package-weight.js';
import { projectionWeights } from './projection-weights.js';
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
  /** The language model's output matrix is its embedding table. */
  readonly tiedHead: boolean;
}

/** The layout of the checkpoints the original's authors name. */
export const originalLayout: PublishedLayout = {
  vision: 'original',
  visionNorm: 'q-former-checkpoint',
  tiedHead: false,
};

/** Every weight of a model package, in the order of computation. */
export function packageWeights(
  { vision, qFormer, projection, decoder }: ArchitectureConfig,
  layout: PublishedLayout = originalLayout,
): PackageWeight[] {
  return [
    ...vitWeights(vision, layout.vision),
    ...visionNormWeights(vision.width, layout.visionNorm, layout.vision),
    ...(qFormer ? qFormerWeights(qFormer, vision.width, layout.vision) : []),
    ...projectionWeights(projection),
    ...decoderWeights(decoder, layout.tiedHead),
  ];
}
