import { z } from 'zod';
import { CodedError } from '#libs/errors';
import { type ArchitectureConfig, type PackageWeight, packageWeights, readsQuestions } from '#libs/minigpt4';

/**
 * Which model is trained: the paper's by default, or one of its ablations (table 4): (a) without Q-Former, (b) with
 * three linear layers, (c) with a Q-Former that learns too.
 */
export const trainingVariant = z.strictObject({
  qFormer: z.enum(['frozen', 'trained', 'none']).default('frozen'),
  linearLayers: z.int().min(1).max(8).default(1),
  /** Neighbouring patches joined into one visual token where there is no Q-Former, as in the released Llama-2 model. */
  patchesPerToken: z.int().min(1).default(4),
});
export type TrainingVariant = z.infer<typeof trainingVariant>;

/**
 * The architecture of a variant of a model. Layers after the first are as wide as the decoder.
 * @throws CodedError `variant` when the model lacks what the variant needs.
 */
export function architectureOf(base: ArchitectureConfig, variant: TrainingVariant): ArchitectureConfig {
  const { vision, decoder } = base;
  if (readsQuestions(base)) {
    throw new CodedError(
      'variant',
      "This model's Q-Former reads questions, as InstructBLIP's does. Such a projection cannot be trained here so far.",
    );
  }
  const outputs = Array<number>(variant.linearLayers).fill(decoder.hidden);
  if (variant.qFormer === 'none') {
    const { patchesPerToken } = variant;
    const patches = (vision.imageSize / vision.patchSize) ** 2;
    if (patches % patchesPerToken !== 0) {
      throw new CodedError(
        'variant',
        `${patches} patches cannot be joined by ${patchesPerToken}. Choose a divisor as variant.patchesPerToken.`,
      );
    }
    const widths = [vision.width * patchesPerToken, ...outputs];
    return { ...base, qFormer: null, projection: { ...base.projection, widths, patchesPerToken } };
  }
  if (!base.qFormer) {
    throw new CodedError('variant', 'This model has no Q-Former. Train it with variant.qFormer: none.');
  }
  const widths = [base.qFormer.hidden, ...outputs];
  return { ...base, projection: { ...base.projection, widths, patchesPerToken: 1 } };
}

/** The weights of the variant that learn, in the order of computation. */
export function learningWeights(
  architecture: ArchitectureConfig,
  { qFormer }: TrainingVariant,
): PackageWeight[] {
  const prefixes = qFormer === 'trained' ? ['q_former.', 'projection.'] : ['projection.'];
  return packageWeights(architecture).filter(({ name }) =>
    prefixes.some((prefix) => name.startsWith(prefix)),
  );
}

/** Where the frozen part of the image encoder ends: its output can be computed once per image. */
export const frozenStage = ({ qFormer }: TrainingVariant): 'qformer' | 'ln_vision' =>
  qFormer === 'frozen' ? 'qformer' : 'ln_vision';

/** The shape of one image's features at the end of the frozen part. */
export function featureShape(
  { vision, qFormer }: ArchitectureConfig,
  variant: TrainingVariant,
): readonly [tokens: number, width: number] {
  if (frozenStage(variant) === 'qformer' && qFormer) return [qFormer.queries, qFormer.hidden];
  return [1 + (vision.imageSize / vision.patchSize) ** 2, vision.width];
}
