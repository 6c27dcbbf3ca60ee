import { Graph, gather, serialize, type WeightCatalog } from '#libs/graph';

import { Parameters } from './parameters.js';

/**
 * The decoder's embedding table as an ONNX model: `token_ids` int64 `[batch, tokens]` →
 * `embeddings [batch, tokens, hidden]`. The table is mapped, not loaded: only the rows looked up are read.
 */
export function embeddingGraph(catalog: WeightCatalog): Uint8Array {
  const graph = new Graph();
  const parameters = new Parameters(graph, catalog);
  const tokenIds = graph.input('token_ids', 'int64', ['batch', 'tokens']);
  graph.output('embeddings', gather(parameters.get('decoder.embedding.weight'), tokenIds));
  return serialize(graph);
}
