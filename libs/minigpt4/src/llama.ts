import { multiply, silu, type Value } from '#libs/graph';

import type { LlamaConfig } from './config.js';
import type { DecoderKernels } from './decoder-kernels.js';
import type { Parameters } from './parameters.js';

/**
 * A LLaMA decoder without its embedding table and head: pre-norm blocks of attention and SwiGLU, and a final
 * RMSNorm. embeddings `[batch, tokens, hidden]` → `[batch, wanted, hidden]`: all tokens, or those that the kernels
 * choose.
 */
export function llama(
  parameters: Parameters,
  config: LlamaConfig,
  kernels: DecoderKernels,
  embeddings: Value,
): Value {
  const stream = kernels.residualStream(embeddings);
  const normalized = (norm: string) =>
    stream.normalized(parameters.get(`${norm}.weight`), config.rmsNormEpsilon);

  for (let index = 0; index < config.layers; index++) {
    const layer = `decoder.layers.${index}`;
    const packed = parameters.linear(normalized(`${layer}.attention_norm`), `${layer}.attention.qkv`);
    stream.add(parameters.linear(kernels.attention(packed, index), `${layer}.attention.output`));
    stream.add(swiGlu(parameters, `${layer}.mlp`, normalized(`${layer}.mlp_norm`)));
  }
  return normalized('decoder.norm');
}

/** The decoder's output matrix: `[batch, tokens, hidden]` → logits `[batch, tokens, vocabulary]`. */
export function languageModelHead(parameters: Parameters, hidden: Value): Value {
  return parameters.linear(hidden, 'decoder.head');
}

function swiGlu(parameters: Parameters, layer: string, x: Value): Value {
  const gate = silu(parameters.linear(x, `${layer}.gate`));
  return parameters.linear(multiply(gate, parameters.linear(x, `${layer}.up`)), `${layer}.down`);
}
