import { CodedError } from '#libs/errors';
import type { ArchitectureConfig, PackageWeight } from '#libs/minigpt4';

export const POSITION_EMBEDDING = 'vit.position_embedding';

/**
 * The same model for pictures of another size. Only the learned positions depend on it; `makeWeight` fits them.
 * @throws CodedError `conversion` when the size is no whole number of patches.
 */
export function withImageSize(
  architecture: ArchitectureConfig,
  weights: readonly PackageWeight[],
  imageSize: number = architecture.vision.imageSize,
): { architecture: ArchitectureConfig; weights: readonly PackageWeight[] } {
  const { patchSize, width } = architecture.vision;
  const patchesPerToken = architecture.projection.patchesPerToken;
  const grid = imageSize / patchSize;
  if (!Number.isInteger(grid) || grid % patchesPerToken !== 0 || grid < 1) {
    throw new CodedError(
      'conversion',
      `Pictures of ${imageSize} pixels a side cannot be cut into patches of ${patchSize}; take a multiple of ${patchSize * patchesPerToken}.`,
    );
  }
  return {
    architecture: { ...architecture, vision: { ...architecture.vision, imageSize } },
    weights: weights.map((weight) =>
      weight.name === POSITION_EMBEDDING ? { ...weight, shape: [1, grid ** 2 + 1, width] } : weight,
    ),
  };
}
