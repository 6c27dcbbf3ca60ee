import type { QFormerConfig, VisionConfig } from '../config.js';
import type { PackageWeight } from './package-weight.js';
import { PublishedLayers } from './published-layer.js';

/**
 * `original`: eva_vit_g.pth with the Q-Former of LAVIS (blip2_pretrained_*.pth).
 * `hugging-face`: `vision_model.*` and `qformer.*` of the BLIP-2 models on the Hugging Face hub.
 * `clip`: `vision_model.*` of the CLIP models there.
 */
export type VisionLayout = 'original' | 'hugging-face' | 'clip';

const vitLayers = new PublishedLayers('vision.safetensors', 'vit');
const qFormerLayers = new PublishedLayers('vision.safetensors', 'qFormer');

const vitNames = {
  original: {
    classToken: 'cls_token',
    positionEmbedding: 'pos_embed',
    patchEmbedding: 'patch_embed.proj',
    blocks: 'blocks',
    attentionNorm: 'norm1',
    mlpNorm: 'norm2',
    attention: 'attn',
    attentionOutput: 'attn.proj',
  },
  'hugging-face': {
    classToken: 'vision_model.embeddings.class_embedding',
    positionEmbedding: 'vision_model.embeddings.position_embedding',
    patchEmbedding: 'vision_model.embeddings.patch_embedding',
    blocks: 'vision_model.encoder.layers',
    attentionNorm: 'layer_norm1',
    mlpNorm: 'layer_norm2',
    attention: 'self_attn',
    attentionOutput: 'self_attn.projection',
  },
  clip: {
    classToken: 'vision_model.embeddings.class_embedding',
    positionEmbedding: 'vision_model.embeddings.position_embedding.weight',
    patchEmbedding: 'vision_model.embeddings.patch_embedding',
    blocks: 'vision_model.encoder.layers',
    attentionNorm: 'layer_norm1',
    mlpNorm: 'layer_norm2',
    attention: 'self_attn',
    attentionOutput: 'self_attn.out_proj',
  },
} as const;

/** Spelt so in CLIP's files. */
const CLIP_INPUT_NORM = 'vision_model.pre_layrnorm';

const qFormerNames = {
  original: {
    inputNorm: 'Qformer.bert.embeddings.LayerNorm',
    inputNormWithText: 'Qformer.bert.embeddings.LayerNorm',
    textEmbeddings: 'Qformer.bert.embeddings',
    layers: 'Qformer.bert.encoder.layer',
    selfAttention: 'attention.self',
    crossAttention: 'crossattention.self',
  },
  'hugging-face': {
    inputNorm: 'qformer.layernorm',
    inputNormWithText: 'qformer.embeddings.layernorm',
    textEmbeddings: 'qformer.embeddings',
    layers: 'qformer.encoder.layer',
    selfAttention: 'attention.attention',
    crossAttention: 'crossattention.attention',
  },
} as const;

/** Layouts of files that hold a Q-Former. */
export type QFormerLayout = keyof typeof qFormerNames;

export const publishedVitNames = (layout: VisionLayout) => vitNames[layout];
export const publishedQFormerNames = (layout: QFormerLayout) => qFormerNames[layout];

/** The weights of the ViT: `vit.*`. */
export function vitWeights(config: VisionConfig, layout: VisionLayout): PackageWeight[] {
  const { width, patchSize } = config;
  const names = vitNames[layout];
  const tokens = (config.imageSize / patchSize) ** 2 + 1;
  const embeddings = [
    vitLayers.weight('vit.class_token', [1, 1, width], {
      kind: 'copy',
      tensor: vitLayers.tensor(names.classToken, layout === 'clip' ? [width] : [1, 1, width]),
    }),
    vitLayers.weight('vit.position_embedding', [1, tokens, width], {
      kind: 'copy',
      tensor: vitLayers.tensor(
        names.positionEmbedding,
        layout === 'clip' ? [tokens, width] : [1, tokens, width],
      ),
    }),
    vitLayers.copy(
      'vit.patch_embedding.weight',
      [width, 3, patchSize, patchSize],
      `${names.patchEmbedding}.weight`,
    ),
    layout === 'clip'
      ? vitLayers.weight('vit.patch_embedding.bias', [width], { kind: 'constant', value: 0 })
      : vitLayers.copy('vit.patch_embedding.bias', [width], `${names.patchEmbedding}.bias`),
    ...(config.inputNorm ? vitLayers.layerNorm('vit.input_norm', width, CLIP_INPUT_NORM) : []),
  ];
  const blocks = Array.from({ length: config.depth }, (_, block) => vitBlockWeights(config, layout, block));
  return [...embeddings, ...blocks.flat()];
}

function vitBlockWeights({ width, mlpWidth }: VisionConfig, layout: VisionLayout, index: number) {
  const names = vitNames[layout];
  const published = `${names.blocks}.${index}`;
  const block = `vit.blocks.${index}`;
  return [
    ...vitLayers.layerNorm(`${block}.attention_norm`, width, `${published}.${names.attentionNorm}`),
    ...queryKeyValue(`${block}.attention.qkv`, width, `${published}.${names.attention}`, layout),
    ...vitLayers.linear(`${block}.attention.output`, width, width, `${published}.${names.attentionOutput}`),
    ...vitLayers.layerNorm(`${block}.mlp_norm`, width, `${published}.${names.mlpNorm}`),
    ...vitLayers.linear(`${block}.mlp.expand`, width, mlpWidth, `${published}.mlp.fc1`),
    ...vitLayers.linear(`${block}.mlp.contract`, mlpWidth, width, `${published}.mlp.fc2`),
  ];
}

/** One matrix and one bias for queries, keys and values: published so, without the keys' bias, or as three layers. */
function queryKeyValue(
  name: string,
  width: number,
  published: string,
  layout: VisionLayout,
): PackageWeight[] {
  const [weight, bias] = [`${name}.weight`, `${name}.bias`];
  const joined = `${published}.qkv.weight`;
  switch (layout) {
    case 'hugging-face':
      return vitLayers.linear(name, width, 3 * width, `${published}.qkv`);
    case 'original':
      return [
        vitLayers.transposed(weight, width, 3 * width, joined),
        vitLayers.weight(bias, [3 * width], {
          kind: 'query-and-value-bias',
          query: vitLayers.tensor(`${published}.q_bias`, [width]),
          value: vitLayers.tensor(`${published}.v_bias`, [width]),
        }),
      ];
    case 'clip': {
      const three = (part: string, shape: readonly number[]) =>
        ['q_proj', 'k_proj', 'v_proj'].map((layer) =>
          vitLayers.tensor(`${published}.${layer}.${part}`, shape),
        );
      return [
        vitLayers.matrix(weight, width, 3 * width, {
          kind: 'concatenate-rows-then-transpose',
          tensors: three('weight', [width, width]),
        }),
        vitLayers.weight(bias, [3 * width], { kind: 'concatenate', tensors: three('bias', [width]) }),
      ];
    }
  }
}

/**
 * Where the separate LayerNorm after the ViT comes from. It was published with the Q-Former. The Llama-2 family and
 * MiniGPT-v2 never load that file, so there it keeps weight 1 and bias 0 (MiniGPT-4, minigpt4.py, minigpt_v2.py).
 */
export type VisionNormOrigin = 'q-former-checkpoint' | 'identity';

/** The weights of the LayerNorm after the ViT: `ln_vision.*`. */
export function visionNormWeights(
  width: number,
  origin: VisionNormOrigin,
  layout: VisionLayout,
): PackageWeight[] {
  if (origin === 'identity') {
    return [
      vitLayers.weight('ln_vision.weight', [width], { kind: 'constant', value: 1 }),
      vitLayers.weight('ln_vision.bias', [width], { kind: 'constant', value: 0 }),
    ];
  }
  return layout === 'original'
    ? qFormerLayers.layerNorm('ln_vision', width, 'ln_vision')
    : vitLayers.layerNorm('ln_vision', width, 'vision_model.post_layernorm');
}

export const hasCrossAttention = (config: QFormerConfig, layer: number) =>
  layer % config.crossAttentionEvery === 0;

/** The weights of the Q-Former: `q_former.*`. Those of a text path are read only where the model has one. */
export function qFormerWeights(
  config: QFormerConfig,
  visionWidth: number,
  layout: QFormerLayout,
): PackageWeight[] {
  const { hidden, text } = config;
  const names = qFormerNames[layout];
  const layers = Array.from({ length: config.layers }, (_, layer) =>
    qFormerLayerWeights(config, visionWidth, layout, layer),
  );
  return [
    qFormerLayers.copy('q_former.queries', [1, config.queries, hidden], 'query_tokens'),
    ...qFormerLayers.layerNorm(
      'q_former.input_norm',
      hidden,
      text ? names.inputNormWithText : names.inputNorm,
    ),
    ...(text ? textEmbeddings(text, hidden, names.textEmbeddings) : []),
    ...layers.flat(),
  ];
}

function textEmbeddings(
  { vocabulary, positions }: NonNullable<QFormerConfig['text']>,
  hidden: number,
  published: string,
): PackageWeight[] {
  const words = qFormerLayers.copy(
    'q_former.word_embedding.weight',
    [vocabulary, hidden],
    `${published}.word_embeddings.weight`,
  );
  return [
    { ...words, role: 'embedding' },
    qFormerLayers.copy(
      'q_former.position_embedding.weight',
      [positions, hidden],
      `${published}.position_embeddings.weight`,
    ),
  ];
}

function qFormerLayerWeights(
  config: QFormerConfig,
  visionWidth: number,
  layout: QFormerLayout,
  index: number,
) {
  const { hidden, intermediate } = config;
  const names = qFormerNames[layout];
  const published = `${names.layers}.${index}`;
  const layer = `q_former.layers.${index}`;
  const attention = (kind: 'self_attention' | 'cross_attention', keyWidth: number) => {
    const crossing = kind === 'cross_attention';
    const projections = `${published}.${crossing ? names.crossAttention : names.selfAttention}`;
    const output = `${published}.${crossing ? 'crossattention' : 'attention'}.output`;
    return [
      ...qFormerLayers.linear(`${layer}.${kind}.query`, hidden, hidden, `${projections}.query`),
      ...qFormerLayers.linear(`${layer}.${kind}.key`, keyWidth, hidden, `${projections}.key`),
      ...qFormerLayers.linear(`${layer}.${kind}.value`, keyWidth, hidden, `${projections}.value`),
      ...qFormerLayers.linear(`${layer}.${kind}.output`, hidden, hidden, `${output}.dense`),
      ...qFormerLayers.layerNorm(`${layer}.${kind}.norm`, hidden, `${output}.LayerNorm`),
    ];
  };
  const feedForward = (kind: 'mlp' | 'text_mlp', suffix: '_query' | '') => [
    ...qFormerLayers.linear(
      `${layer}.${kind}.expand`,
      hidden,
      intermediate,
      `${published}.intermediate${suffix}.dense`,
    ),
    ...qFormerLayers.linear(
      `${layer}.${kind}.contract`,
      intermediate,
      hidden,
      `${published}.output${suffix}.dense`,
    ),
    ...qFormerLayers.layerNorm(`${layer}.${kind}.norm`, hidden, `${published}.output${suffix}.LayerNorm`),
  ];
  return [
    ...attention('self_attention', hidden),
    ...(hasCrossAttention(config, index) ? attention('cross_attention', visionWidth) : []),
    ...feedForward('mlp', '_query'),
    ...(config.text ? feedForward('text_mlp', '') : []),
  ];
}
