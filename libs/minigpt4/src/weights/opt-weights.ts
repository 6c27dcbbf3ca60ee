import { OPT_POSITION_OFFSET, type OptConfig } from '../config.js';
import type { PackageWeight } from './package-weight.js';
import { PublishedLayers } from './published-layer.js';

const layers = new PublishedLayers('decoder.safetensors', 'llm');

/** The published name of the embedding table, which is the output matrix too. */
export const publishedOptEmbedding = 'decoder.embed_tokens.weight';
export const publishedOptPositions = 'decoder.embed_positions.weight';
export const publishedOptLayers = 'decoder.layers';

/** The weights of an OPT decoder, from Hugging Face's names without `model.`: `decoder.*`. */
export function optWeights(config: OptConfig): PackageWeight[] {
  const { hidden, vocabulary, contextLength } = config;
  const embedding: PackageWeight = {
    ...layers.copy('decoder.embedding.weight', [vocabulary, hidden], publishedOptEmbedding),
    role: 'embedding',
  };
  return [
    embedding,
    layers.copy(
      'decoder.position_embedding.weight',
      [contextLength + OPT_POSITION_OFFSET, hidden],
      publishedOptPositions,
    ),
    ...Array.from({ length: config.layers }, (_, layer) => optLayerWeights(config, layer)).flat(),
    ...layers.layerNorm('decoder.norm', hidden, 'decoder.final_layer_norm'),
    layers.transposed('decoder.head.weight', hidden, vocabulary, publishedOptEmbedding),
  ];
}

function optLayerWeights({ hidden, intermediate }: OptConfig, index: number): PackageWeight[] {
  const published = `${publishedOptLayers}.${index}`;
  const layer = `decoder.layers.${index}`;
  const queryKeyValue = (part: string, shape: readonly number[]) =>
    ['q_proj', 'k_proj', 'v_proj'].map((name) =>
      layers.tensor(`${published}.self_attn.${name}.${part}`, shape),
    );
  return [
    ...layers.layerNorm(`${layer}.attention_norm`, hidden, `${published}.self_attn_layer_norm`),
    layers.matrix(`${layer}.attention.qkv.weight`, hidden, 3 * hidden, {
      kind: 'concatenate-rows-then-transpose',
      tensors: queryKeyValue('weight', [hidden, hidden]),
    }),
    layers.weight(`${layer}.attention.qkv.bias`, [3 * hidden], {
      kind: 'concatenate',
      tensors: queryKeyValue('bias', [hidden]),
    }),
    ...layers.linear(`${layer}.attention.output`, hidden, hidden, `${published}.self_attn.out_proj`),
    ...layers.layerNorm(`${layer}.mlp_norm`, hidden, `${published}.final_layer_norm`),
    ...layers.linear(`${layer}.mlp.expand`, hidden, intermediate, `${published}.fc1`),
    ...layers.linear(`${layer}.mlp.contract`, intermediate, hidden, `${published}.fc2`),
  ];
}
