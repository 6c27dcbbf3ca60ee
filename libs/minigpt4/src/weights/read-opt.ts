import { z } from 'zod';
import { CodedError } from '#libs/errors';

import { OPT_POSITION_OFFSET, type OptConfig } from '../config.js';
import { publishedOptEmbedding, publishedOptLayers, publishedOptPositions } from './opt-weights.js';
import { countLayers, shapeOf, type TensorShapes } from './published-checkpoints.js';

/** What is not written has transformers' defaults (configuration_opt.py). */
const publishedConfig = z.object({
  model_type: z.literal('opt', {
    error: ({ input }) => `it is "${input}", but this family has an OPT`,
  }),
  num_attention_heads: z.int().positive().default(12),
  activation_function: z.literal('relu').default('relu'),
  do_layer_norm_before: z
    .literal(true, 'norms after the sums, as in OPT-350M, are not supported')
    .default(true),
  _remove_final_layer_norm: z.literal(false).default(false),
  enable_bias: z.literal(true).default(true),
  layer_norm_elementwise_affine: z.literal(true).default(true),
});

/**
 * Reads an OPT decoder from its shapes, and from its `config.json` what they do not tell.
 * @throws CodedError `checkpoint-mismatch`
 */
export function readOpt(shapes: TensorShapes, config: unknown): OptConfig {
  const parsed = publishedConfig.safeParse(config);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new CodedError(
      'checkpoint-mismatch',
      `The language model's config.json does not describe an OPT that can be read: ${issue.path.join('.')}: ${issue.message}.`,
      { cause: parsed.error },
    );
  }
  const [vocabulary = 0, hidden = 0] = shapeOf(shapes, publishedOptEmbedding, 2, 'llm');
  const [positions = 0] = shapeOf(shapes, publishedOptPositions, 2, 'llm');
  const [intermediate = 0] = shapeOf(shapes, `${publishedOptLayers}.0.fc1.weight`, 2, 'llm');
  const heads = parsed.data.num_attention_heads;
  if (hidden % heads !== 0) {
    throw new CodedError(
      'checkpoint-mismatch',
      `The language model's config.json gives ${heads} attention heads, which do not divide its width of ${hidden}.`,
    );
  }
  return {
    kind: 'opt',
    hidden,
    layers: countLayers(shapes, publishedOptLayers),
    heads,
    keyValueHeads: heads,
    intermediate,
    vocabulary,
    contextLength: positions - OPT_POSITION_OFFSET,
    layerNormEpsilon: 1e-5, // PyTorch's own, which OPT's code leaves as it is
  };
}
