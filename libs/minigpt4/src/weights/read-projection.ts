import { CodedError } from '#libs/errors';
import type { DecoderConfig, ProjectionConfig, QFormerConfig } from '../config.js';
import type { ProjectionNames } from './projection-weights.js';
import { formatShape, shapeOf, type TensorShapes } from './published-checkpoints.js';
import type { VisionShape } from './read-vision.js';

/** The shapes `[out, in]` of the projection's matrices. */
export function projectionMatrices(shapes: TensorShapes, nameOf: ProjectionNames): (readonly number[])[] {
  // A family of one matrix may call it the same whichever layer is asked for.
  const names = new Set<string>();
  for (
    let name = nameOf(0, 2);
    shapes.has(`${name}.weight`) && !names.has(name);
    name = nameOf(names.size, 2)
  ) {
    names.add(name);
  }
  const count = Math.max(names.size, 1);
  return Array.from({ length: count }, (_, layer) =>
    shapeOf(shapes, `${nameOf(layer, count)}.weight`, 2, 'projection'),
  );
}

export function readProjection(
  shapes: TensorShapes,
  nameOf: ProjectionNames,
  vision: VisionShape,
  qFormer: Pick<QFormerConfig, 'hidden'> | null,
  decoder: DecoderConfig,
): Pick<ProjectionConfig, 'widths' | 'patchesPerToken'> {
  const matrices = projectionMatrices(shapes, nameOf);
  const widths = [matrices[0]![1]!, ...matrices.map(([outputs]) => outputs!)];
  const features = qFormer?.hidden ?? vision.width;
  const patchesPerToken = qFormer ? 1 : widths[0]! / vision.width;
  if (widths[0] !== features * patchesPerToken || !Number.isInteger(patchesPerToken)) {
    const remedy = qFormer
      ? 'Take the projection that was trained with these vision files.'
      : 'It was trained on the outputs of a Q-Former: name its file with --qformer.';
    throw new CodedError(
      'checkpoint-mismatch',
      `The projection's matrix ${formatShape(matrices[0]!)} takes vectors of ${widths[0]} numbers, but the ${qFormer ? 'Q-Former' : 'ViT'} makes vectors of ${features}. ${remedy}`,
    );
  }
  const patches = (vision.imageSize / vision.patchSize) ** 2;
  if (patches % patchesPerToken !== 0) {
    throw new CodedError(
      'checkpoint-mismatch',
      `The projection's matrix ${formatShape(matrices[0]!)} joins ${patchesPerToken} patches, but the ViT's ${patches} patches cannot be divided so.`,
    );
  }
  if (widths.at(-1) !== decoder.hidden) {
    throw new CodedError(
      'checkpoint-mismatch',
      `The projection's matrix ${formatShape(matrices.at(-1)!)} makes vectors of ${widths.at(-1)} numbers, but the language model's embedding table ${formatShape([decoder.vocabulary, decoder.hidden])} has vectors of ${decoder.hidden}. Take the projection that was trained for this language model; those for 7B and 13B are not interchangeable.`,
    );
  }
  return { widths, patchesPerToken };
}
