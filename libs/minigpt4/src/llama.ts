import { addAndRmsNormalize, multiply, rmsNormalization, silu, type Value } from '#libs/graph';

import type { DecoderConfig } from './config.js';
import type { Parameters } from './parameters.js';

/**
 * Causal self-attention of one layer over rotated queries and keys.
 * queries, keys and values side by side `[batch, tokens, (heads + 2 * keyValueHeads) * headWidth]` →
 * `[batch, tokens, hidden]`.
 */
export type CausalAttention = (packed: Value, layer: number) => Value;

/** Picks tokens: `[batch, tokens, hidden]` → `[batch, wanted, hidden]`. */
export type TokenSelection = (x: Value) => Value;

const allTokens: TokenSelection = (x) => x;

/**
 * A LLaMA decoder without its embedding table and head: pre-norm blocks of attention and SwiGLU, and a final
 * RMSNorm. embeddings `[batch, tokens, hidden]` → `[batch, wanted, hidden]`.
 * @param wanted the tokens whose outcome is wanted: after the last attention no others are computed
 */
export function llama(
  parameters: Parameters,
  config: DecoderConfig,
  attention: CausalAttention,
  embeddings: Value,
  wanted = allTokens,
): Value {
  const epsilon = config.rmsNormEpsilon;
  const norm = (name: string) => parameters.get(`${name}.weight`);

  // Each residual sum is taken together with the norm that follows it.
  let residual = embeddings;
  let x = rmsNormalization(residual, norm('decoder.layers.0.attention_norm'), epsilon);
  for (let index = 0; index < config.layers; index++) {
    const layer = `decoder.layers.${index}`;
    const isLast = index + 1 === config.layers;
    const needed = isLast ? wanted : allTokens;
    const attended = needed(attention(parameters.linear(x, `${layer}.attention.qkv`), index));
    const afterAttention = addAndRmsNormalize(
      parameters.linear(attended, `${layer}.attention.output`),
      needed(residual),
      norm(`${layer}.mlp_norm`),
      epsilon,
    );
    const following = isLast ? 'decoder.norm' : `decoder.layers.${index + 1}.attention_norm`;
    const afterMlp = addAndRmsNormalize(
      swiGlu(parameters, `${layer}.mlp`, afterAttention.normalized),
      afterAttention.sum,
      norm(following),
      epsilon,
    );
    residual = afterMlp.sum;
    x = afterMlp.normalized;
  }
  return x;
}

/** The decoder's output matrix: `[batch, tokens, hidden]` → logits `[batch, tokens, vocabulary]`. */
export function languageModelHead(parameters: Parameters, hidden: Value): Value {
  return parameters.linear(hidden, 'decoder.head');
}

function swiGlu(parameters: Parameters, layer: string, x: Value): Value {
  const gate = silu(parameters.linear(x, `${layer}.gate`));
  return parameters.linear(multiply(gate, parameters.linear(x, `${layer}.up`)), `${layer}.down`);
}
