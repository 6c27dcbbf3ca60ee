import { add, cast, gather, integer, relu, type Value } from '#libs/graph';

import { rowPositions } from './cached-attention.js';
import { OPT_POSITION_OFFSET, type OptConfig } from './config.js';
import type { DecoderKernels } from './decoder-kernels.js';
import type { Parameters } from './parameters.js';

/**
 * An OPT decoder without its embedding table and head: learned positions, pre-norm blocks of attention and ReLU with
 * biases everywhere, and a final LayerNorm (transformers, modeling_opt.py). embeddings `[batch, tokens, hidden]` →
 * `[batch, wanted, hidden]`: all tokens, or those that the kernels choose.
 * @param lastPositions position of each row's last token: int32 `[batch]`
 */
export function opt(
  parameters: Parameters,
  config: OptConfig,
  kernels: DecoderKernels,
  embeddings: Value,
  lastPositions: Value,
): Value {
  const stream = kernels.residualStream(withPositions(parameters, embeddings, lastPositions));
  const normalized = (norm: string) =>
    stream.layerNormalized(
      parameters.get(`${norm}.weight`),
      parameters.get(`${norm}.bias`),
      config.layerNormEpsilon,
    );

  for (let index = 0; index < config.layers; index++) {
    const layer = `decoder.layers.${index}`;
    const packed = parameters.linear(normalized(`${layer}.attention_norm`), `${layer}.attention.qkv`);
    stream.add(parameters.linear(kernels.attention(packed, index), `${layer}.attention.output`));
    const expanded = relu(parameters.linear(normalized(`${layer}.mlp_norm`), `${layer}.mlp.expand`));
    stream.add(parameters.linear(expanded, `${layer}.mlp.contract`));
  }
  return normalized('decoder.norm');
}

function withPositions(parameters: Parameters, embeddings: Value, lastPositions: Value): Value {
  const positions = rowPositions(embeddings, lastPositions);
  const rows = add(positions, integer(parameters.graph, OPT_POSITION_OFFSET));
  return add(
    embeddings,
    cast(gather(parameters.get('decoder.position_embedding.weight'), rows), embeddings.dataType),
  );
}
