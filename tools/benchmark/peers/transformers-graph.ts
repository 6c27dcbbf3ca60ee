import {
  cast,
  Graph,
  gather,
  groupedQueryAttention,
  integer,
  integers,
  negate,
  reduceSum,
  reshape,
  serialize,
  shapeOf,
  slice,
  subtract,
  type WeightCatalog,
} from '#libs/graph';
import {
  type CausalAttention,
  decoderKernels,
  type LlamaConfig,
  languageModelHead,
  llama,
  type MatrixFormat,
  Parameters,
  rotaryTables,
} from '#libs/minigpt4';

/**
 * A LLaMA as transformers.js's LlamaForCausalLM takes it: token ids and an attention mask in, logits of the last
 * `num_logits_to_keep` tokens and a grown cache out. Its matrices run through the same kernels as this project's;
 * attention and the last layer are as exporters write them, for ONNX Runtime to choose how.
 */
export function transformersGraph(
  config: LlamaConfig,
  catalog: WeightCatalog,
  format: MatrixFormat,
): Uint8Array {
  const graph = new Graph();
  const parameters = new Parameters(graph, catalog, format);
  const tokenIds = graph.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
  const mask = graph.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length']);
  const logitsToKeep = graph.input('num_logits_to_keep', 'int64', []);

  const embeddings = gather(parameters.get('decoder.embedding.weight'), tokenIds);
  const lastPositions = cast(subtract(reduceSum(mask, [1], false), integer(graph, 1)), 'int32');
  const totalLength = cast(shapeOf(mask, 1, 2), 'int32');
  const tables = rotaryTables(graph, config);

  const attention: CausalAttention = (packed, layer) => {
    const { heads, keyValueHeads, hidden } = config;
    const cacheShape = ['batch_size', keyValueHeads, 'past_sequence_length', hidden / heads];
    const { output, key, value } = groupedQueryAttention({
      packed,
      pastKey: graph.input(`past_key_values.${layer}.key`, 'float32', cacheShape),
      pastValue: graph.input(`past_key_values.${layer}.value`, 'float32', cacheShape),
      lastPositions,
      totalLength,
      rotary: tables,
      heads,
      keyValueHeads,
    });
    graph.output(`present.${layer}.key`, key);
    graph.output(`present.${layer}.value`, value);
    return output;
  };
  const hidden = llama(parameters, config, decoderKernels(config, attention), embeddings);
  const firstKept = negate(reshape(logitsToKeep, [1]));
  const kept = slice(hidden, 1, firstKept, integers(graph, [config.contextLength]), 'kept_logits');
  graph.output('logits', languageModelHead(parameters, kept));
  return serialize(graph);
}
