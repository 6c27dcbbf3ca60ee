import { z } from 'zod';

import { type ArchitectureConfig, architectureConfig } from '../config.js';
import { likelyHeads } from './attention-heads.js';
import { publishedHead } from './decoder-weights.js';
import type { PublishedLayout } from './package-weights.js';
import type { PublishedCheckpoints, TensorShapes } from './published-checkpoints.js';
import { readDecoder } from './read-decoder.js';
import { projectionMatrices, readProjection } from './read-projection.js';
import { readQFormer, readVision, visionLayout } from './read-vision.js';

/**
 * What shapes cannot tell. A description of this form may accompany checkpoints of unpublished sizes;
 * the reference folders' `expected.json` has it.
 */
export const architectureHints = z.object({
  vit: z
    .object({
      heads: z.int().positive(),
      depth_used: z.int().positive(),
      layer_norm_eps: z.number().positive(),
    })
    .partial()
    .optional(),
  qformer: z
    .object({ heads: z.int().positive(), layer_norm_eps: z.number().positive() })
    .partial()
    .optional(),
});
export type ArchitectureHints = z.infer<typeof architectureHints>;

export interface PublishedArchitecture {
  readonly architecture: ArchitectureConfig;
  readonly layout: PublishedLayout;
  /** What had to be assumed, in sentences for whoever converts. */
  readonly notices: readonly string[];
}

/**
 * Reads the architecture from the checkpoints' shapes and the language model's `config.json`.
 * Attention heads of the vision side are in neither: a hint is taken first, else `likelyHeads` with a notice.
 * @throws CheckpointMismatchError when a file is not what it should be, or two do not fit together.
 */
export function readArchitecture(
  checkpoints: PublishedCheckpoints,
  hints: ArchitectureHints = {},
): PublishedArchitecture {
  const notices: string[] = [];
  const assumedHeads = (part: string) => (width: number) => {
    const { heads, published } = likelyHeads(width);
    if (!published) {
      notices.push(
        `The number of attention heads is not written in the files; ${heads} were assumed for the ${part} of width ${width}.`,
      );
    }
    return heads;
  };
  const headsOf = (hint: number | undefined, part: string) => (hint ? () => hint : assumedHeads(part));

  const layout = visionLayout(checkpoints.vit);
  const read = readVision(checkpoints.vit, layout, headsOf(hints.vit?.heads, 'ViT'));
  const vision = { ...read, depth: hints.vit?.depth_used ?? read.depth };
  const used =
    checkpoints.qFormer && !skipsQFormer(checkpoints.qFormer, checkpoints.projection, vision.width);
  if (checkpoints.qFormer && !used) {
    notices.push(
      'The projection takes neighbouring patches, so the Q-Former is left out; of its file only ln_vision is used. Leave the file out for the released Llama-2 model, which has no ln_vision.',
    );
  }
  const qFormer =
    checkpoints.qFormer && used
      ? readQFormer(checkpoints.qFormer, layout, headsOf(hints.qformer?.heads, 'Q-Former'))
      : null;
  const decoder = readDecoder(checkpoints.llm, checkpoints.llmConfig);

  const architecture = architectureConfig.parse({
    vision: { ...vision, layerNormEpsilon: hints.vit?.layer_norm_eps },
    qFormer: qFormer && { ...qFormer, layerNormEpsilon: hints.qformer?.layer_norm_eps },
    projection: readProjection(checkpoints.projection, vision, qFormer, decoder),
    decoder,
  });
  return {
    architecture,
    layout: {
      vision: layout,
      visionNorm: checkpoints.qFormer ? 'q-former-checkpoint' : 'identity',
      tiedHead: !checkpoints.llm.has(publishedHead),
    },
    notices,
  };
}

/** Whether the projection was trained on joined patches, as in ablation (a), and not on the Q-Former's outputs. */
function skipsQFormer(qFormer: TensorShapes, projection: TensorShapes, visionWidth: number): boolean {
  const inputs = projectionMatrices(projection)[0]![1]!;
  return qFormer.get('query_tokens')?.at(-1) !== inputs && inputs % visionWidth === 0;
}
