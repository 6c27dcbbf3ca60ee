import { z } from 'zod';
import { CodedError } from '#libs/errors';

import type { LlamaConfig } from '../config.js';
import { publishedEmbedding } from './decoder-weights.js';
import { shapeOf, type TensorShapes } from './published-checkpoints.js';

const llamaConfig = z.object({
  model_type: z.literal('llama', {
    error: ({ input }) => `it is "${input}", but only language models of the type "llama" can be read`,
  }),
  hidden_act: z.literal('silu').default('silu'),
  hidden_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive().nullish(),
  intermediate_size: z.int().positive(),
  max_position_embeddings: z.int().positive().default(2048),
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().default(10_000),
  rope_scaling: z.null('scaled rotary embeddings are not supported').optional(),
});

export function readDecoder(shapes: TensorShapes, config: unknown): LlamaConfig {
  const parsed = llamaConfig.safeParse(config);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!; // of a model of another type, the first is that it is one
    throw new CodedError(
      'checkpoint-mismatch',
      `The language model's config.json does not describe a LLaMA: ${issue.path.join('.')}: ${issue.message}.`,
      { cause: parsed.error },
    );
  }
  const llama = parsed.data;
  // The config of Vicuna's deltas does not count the padding row, so the table itself is believed.
  const [vocabulary = 0] = shapeOf(shapes, publishedEmbedding, 2, 'llm');
  return {
    hidden: llama.hidden_size,
    layers: llama.num_hidden_layers,
    heads: llama.num_attention_heads,
    keyValueHeads: llama.num_key_value_heads ?? llama.num_attention_heads,
    intermediate: llama.intermediate_size,
    vocabulary,
    contextLength: llama.max_position_embeddings,
    rmsNormEpsilon: llama.rms_norm_eps,
    ropeBase: llama.rope_theta,
  };
}
