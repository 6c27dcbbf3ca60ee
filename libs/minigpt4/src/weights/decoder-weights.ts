import type { DecoderConfig, LlamaConfig } from '../config.js';
import { optWeights } from './opt-weights.js';
import type { LowRankAdapter, PackageWeight } from './package-weight.js';
import { PublishedLayers } from './published-layer.js';

const layers = new PublishedLayers('decoder.safetensors', 'llm');

/** Published name of the embedding table, which is the output matrix too when a model ties them. */
export const publishedEmbedding = 'model.embed_tokens.weight';
export const publishedHead = 'lm_head.weight';

/** The change of a matrix of the decoder, such as `model.layers.0.self_attn.q_proj`; undefined where there is none. */
export type DecoderAdapters = (matrix: string, shape: readonly number[]) => LowRankAdapter | undefined;

/** The weights of a decoder, from Hugging Face's names: `decoder.*`. */
export function decoderWeights(
  config: DecoderConfig,
  tiedHead: boolean,
  adapters?: DecoderAdapters,
): PackageWeight[] {
  return config.kind === 'opt' ? optWeights(config) : llamaWeights(config, tiedHead, adapters);
}

function llamaWeights(
  config: LlamaConfig,
  tiedHead: boolean,
  adapters: DecoderAdapters = () => undefined,
): PackageWeight[] {
  const { hidden, vocabulary } = config;
  const embedding: PackageWeight = {
    ...layers.copy('decoder.embedding.weight', [vocabulary, hidden], publishedEmbedding),
    role: 'embedding',
  };
  const blocks = Array.from({ length: config.layers }, (_, layer) =>
    decoderLayerWeights(config, layer, adapters),
  );
  return [
    embedding,
    ...blocks.flat(),
    layers.copy('decoder.norm.weight', [hidden], 'model.norm.weight'),
    layers.transposed(
      'decoder.head.weight',
      hidden,
      vocabulary,
      tiedHead ? publishedEmbedding : publishedHead,
    ),
  ];
}

function decoderLayerWeights(config: LlamaConfig, index: number, adapters: DecoderAdapters): PackageWeight[] {
  const { hidden, intermediate, heads, keyValueHeads } = config;
  const headWidth = hidden / heads;
  const keyValueWidth = keyValueHeads * headWidth;
  const published = `model.layers.${index}`;
  const layer = `decoder.layers.${index}`;
  const attention = `${published}.self_attn`;
  const adapted = (matrix: string, shape: readonly number[]) => ({
    ...layers.tensor(`${matrix}.weight`, shape),
    adapter: adapters(matrix, shape),
  });
  return [
    layers.copy(`${layer}.attention_norm.weight`, [hidden], `${published}.input_layernorm.weight`),
    layers.matrix(`${layer}.attention.qkv.weight`, hidden, hidden + 2 * keyValueWidth, {
      kind: 'concatenate-rows-then-transpose',
      tensors: [
        adapted(`${attention}.q_proj`, [hidden, hidden]),
        adapted(`${attention}.k_proj`, [keyValueWidth, hidden]),
        adapted(`${attention}.v_proj`, [keyValueWidth, hidden]),
      ],
    }),
    layers.transposed(`${layer}.attention.output.weight`, hidden, hidden, `${attention}.o_proj.weight`),
    layers.copy(`${layer}.mlp_norm.weight`, [hidden], `${published}.post_attention_layernorm.weight`),
    layers.transposed(`${layer}.mlp.gate.weight`, hidden, intermediate, `${published}.mlp.gate_proj.weight`),
    layers.transposed(`${layer}.mlp.up.weight`, hidden, intermediate, `${published}.mlp.up_proj.weight`),
    layers.transposed(`${layer}.mlp.down.weight`, intermediate, hidden, `${published}.mlp.down_proj.weight`),
  ];
}
