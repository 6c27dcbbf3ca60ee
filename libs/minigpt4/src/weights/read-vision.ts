import { CodedError } from '#libs/errors';
import type { QFormerConfig, VisionConfig } from '../config.js';
import { countLayers, shapeOf, type TensorShapes } from './published-checkpoints.js';
import { publishedQFormerNames, publishedVitNames, type QFormerLayout } from './vision-weights.js';

/** How a checkpoint with EVA's ViT names its tensors. */
export function evaLayout(vit: TensorShapes): QFormerLayout {
  return vit.has(publishedVitNames('hugging-face').positionEmbedding) ? 'hugging-face' : 'original';
}

export type Heads = (width: number) => number;
/** What a checkpoint's shapes tell of a ViT. */
export type VisionShape = Pick<
  VisionConfig,
  'imageSize' | 'patchSize' | 'width' | 'depth' | 'heads' | 'mlpWidth'
>;

/** Reads EVA's ViT. */
export function readVision(shapes: TensorShapes, layout: QFormerLayout, heads: Heads): VisionShape {
  const names = publishedVitNames(layout);
  const [, tokens = 0, width = 0] = shapeOf(shapes, names.positionEmbedding, 3, 'vit');
  const [, , , patchSize = 0] = shapeOf(shapes, `${names.patchEmbedding}.weight`, 4, 'vit');
  const [mlpWidth = 0] = shapeOf(shapes, `${names.blocks}.0.mlp.fc1.weight`, 2, 'vit');
  const grid = Math.sqrt(tokens - 1);
  if (!Number.isInteger(grid)) {
    throw new CodedError(
      'checkpoint-mismatch',
      `"${names.positionEmbedding}" has ${tokens} positions; a square of patches and one class token were expected.`,
    );
  }
  const blocks = countLayers(shapes, names.blocks);
  return {
    imageSize: grid * patchSize,
    patchSize,
    width,
    // BLIP-2 takes the output of the last block but one. Hugging Face's files leave the last one out.
    depth: layout === 'original' ? blocks - 1 : blocks,
    heads: heads(width),
    mlpWidth,
  };
}

export function readQFormer(
  shapes: TensorShapes,
  layout: QFormerLayout,
  heads: Heads,
): Omit<QFormerConfig, 'layerNormEpsilon'> {
  const names = publishedQFormerNames(layout);
  const [, queries = 0, hidden = 0] = shapeOf(shapes, 'query_tokens', 3, 'qFormer');
  const [intermediate = 0] = shapeOf(
    shapes,
    `${names.layers}.0.intermediate_query.dense.weight`,
    2,
    'qFormer',
  );
  const layers = countLayers(shapes, names.layers);
  const crossing = Array.from({ length: layers }, (_, layer) => layer).filter((layer) =>
    shapes.has(`${names.layers}.${layer}.${names.crossAttention}.query.weight`),
  );
  return {
    hidden,
    layers,
    heads: heads(hidden),
    intermediate,
    queries,
    crossAttentionEvery: crossing[1] ?? layers,
  };
}

/** The most tokens of a question that LAVIS hands to its Q-Former (blip2_vicuna_instruct.py, `max_txt_len`). */
const MOST_QUESTION_TOKENS = 128;

/** What a Q-Former's checkpoint tells of its text path. */
export function readQFormerText(
  shapes: TensorShapes,
  layout: QFormerLayout,
): NonNullable<QFormerConfig['text']> {
  const { textEmbeddings } = publishedQFormerNames(layout);
  const [vocabulary = 0] = shapeOf(shapes, `${textEmbeddings}.word_embeddings.weight`, 2, 'qFormer');
  const [positions = 0] = shapeOf(shapes, `${textEmbeddings}.position_embeddings.weight`, 2, 'qFormer');
  return { vocabulary, positions, maxTokens: Math.min(MOST_QUESTION_TOKENS, positions) };
}
