import { z } from 'zod';

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
