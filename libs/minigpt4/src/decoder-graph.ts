import {
  add,
  cast,
  Graph,
  integer,
  scalar,
  serialize,
  slice,
  type Value,
  type WeightCatalog,
} from '#libs/graph';

import { type AttentionKernel, cacheAtBorders, cachedAttention } from './cached-attention.js';
import type { DecoderConfig } from './config.js';
import { decoderKernels } from './decoder-kernels.js';
import { decoderNetwork } from './decoder-network.js';
import { languageModelHead } from './llama.js';
import { Parameters, type Precision } from './parameters.js';
import type { MatrixFormat } from './weights/index.js';

export interface DecoderGraphOptions {
  /** How the package stores the decoder's matrices. */
  readonly format: MatrixFormat;
  /** Element type of the key and value cache. */
  readonly keyValueType: 'float32' | 'float16';
  /**
   * Puts an output before all others, `before_present`, that is a sequence. onnxruntime-node 1.30 stops at it
   * before it copies any output, while a cache that was given as past and present alike is already extended.
   */
  readonly sequenceFirst: boolean;
  readonly attentionKernel: AttentionKernel;
  /** In which is computed; embeddings and logits are float32 all the same. */
  readonly precision?: Precision;
}

/**
 * The decoder as an ONNX model.
 *
 * Inputs: `inputs_embeds [batch, tokens, hidden]`; `seqlens_k` int32 `[batch]`, the index of each row's last
 * token; `total_sequence_length` int32 `[1]`, past and new tokens of the longest row; `logits_after` int64 `[1]`,
 * the index of the new token after which logits are wanted; `past_key_values.N.key|value
 * [batch, keyValueHeads, capacity, cacheHeadWidth]`.
 * Outputs: `logits [batch, 1, vocabulary]`; `present.N.key|value`, shaped like the past.
 */
export function decoderGraph(
  config: DecoderConfig,
  catalog: WeightCatalog,
  { format, keyValueType, sequenceFirst, attentionKernel, precision = 'float32' }: DecoderGraphOptions,
): Uint8Array {
  const graph = new Graph();
  const parameters = new Parameters(graph, catalog, format, precision);
  const embeddings = graph.input('inputs_embeds', 'float32', ['batch', 'tokens', config.hidden]);
  const lastPositions = graph.input('seqlens_k', 'int32', ['batch']);
  const totalLength = graph.input('total_sequence_length', 'int32', [1]);
  const logitsAfter = graph.input('logits_after', 'int64', [1]);
  if (sequenceFirst) graph.sequenceOutput('before_present', scalar(graph, 0));

  const attention = cachedAttention(graph, config, {
    lastPositions,
    totalLength,
    store: cacheAtBorders(graph, config, keyValueType),
    kernel: attentionKernel,
  });
  const end = add(logitsAfter, integer(graph, 1));
  const wanted = (x: Value) => slice(x, 1, logitsAfter, end, 1);
  const kernels = decoderKernels(config, attention, wanted);
  const hidden = decoderNetwork(parameters, config, kernels, cast(embeddings, precision), lastPositions);
  graph.output('logits', cast(languageModelHead(parameters, hidden), 'float32'));
  return serialize(graph);
}
