import { z } from 'zod';

import {
  type ArchitectureConfig,
  architectureConfig,
  type DecoderConfig,
  type ProjectionConfig,
  type QFormerConfig,
  type VisionConfig,
} from '../config.js';
import { likelyHeads } from './attention-heads.js';
import { publishedEmbedding, publishedHead } from './decoder-weights.js';
import type { PublishedLayout } from './package-weights.js';
import { publishedProjection } from './projection-weights.js';
import {
  CheckpointMismatchError,
  formatShape,
  type PublishedCheckpoints,
  shapeOf,
  type TensorShapes,
} from './published-checkpoints.js';
import { publishedQFormerNames, publishedVitNames, type VisionLayout } from './vision-weights.js';

/**
 * What shapes cannot tell. A description of this form may accompany checkpoints of unpublished sizes;
 * the reference folders' `expected.json` has it.
 */
export const architectureHints = z.object({
  vit: z.object({ heads: z.int().positive(), layer_norm_eps: z.number().positive() }).partial().optional(),
  qformer: z
    .object({ heads: z.int().positive(), layer_norm_eps: z.number().positive() })
    .partial()
    .optional(),
});
export type ArchitectureHints = z.infer<typeof architectureHints>;

export interface PublishedArchitecture {
  readonly architecture: ArchitectureConfig;
  readonly layout: PublishedLayout;
  /** What had to be assumed, in sentences for whoever converts. */
  readonly notices: readonly string[];
}

/**
 * Reads the architecture from the checkpoints' shapes and the language model's `config.json`.
 * Attention heads of the vision side are in neither: a hint is taken first, else `likelyHeads` with a notice.
 * @throws CheckpointMismatchError when a file is not what it should be, or two do not fit together.
 */
export function readArchitecture(
  checkpoints: PublishedCheckpoints,
  hints: ArchitectureHints = {},
): PublishedArchitecture {
  const vision = visionLayout(checkpoints.vit);
  const notices: string[] = [];
  const heads = (width: number, hint: number | undefined, part: string) => {
    if (hint) return hint;
    const likely = likelyHeads(width);
    if (!likely.published) {
      notices.push(
        `The number of attention heads is not written in the files; ${likely.heads} were assumed for the ${part} of width ${width}.`,
      );
    }
    return likely.heads;
  };

  const visionPart = readVision(checkpoints.vit, vision, (width) => heads(width, hints.vit?.heads, 'ViT'));
  const qFormer =
    checkpoints.qFormer &&
    readQFormer(checkpoints.qFormer, vision, (width) => heads(width, hints.qformer?.heads, 'Q-Former'));
  const decoder = readDecoder(checkpoints.llm, checkpoints.llmConfig);
  const projection = readProjection(checkpoints.projection, visionPart, qFormer, decoder);

  const architecture = architectureConfig.parse({
    vision: { ...visionPart, layerNormEpsilon: hints.vit?.layer_norm_eps },
    qFormer: qFormer && { ...qFormer, layerNormEpsilon: hints.qformer?.layer_norm_eps },
    projection,
    decoder,
  });
  return { architecture, layout: { vision, tiedHead: !checkpoints.llm.has(publishedHead) }, notices };
}

function visionLayout(vit: TensorShapes): VisionLayout {
  return vit.has(publishedVitNames('hugging-face').positionEmbedding) ? 'hugging-face' : 'original';
}

type Heads = (width: number) => number;
type Shape = Omit<VisionConfig, 'layerNormEpsilon' | 'outputLayerNormEpsilon'>;

function readVision(shapes: TensorShapes, layout: VisionLayout, heads: Heads): Shape {
  const names = publishedVitNames(layout);
  const [, tokens = 0, width = 0] = shapeOf(shapes, names.positionEmbedding, 3, 'vit');
  const [, , , patchSize = 0] = shapeOf(shapes, `${names.patchEmbedding}.weight`, 4, 'vit');
  const [mlpWidth = 0] = shapeOf(shapes, `${names.blocks}.0.mlp.fc1.weight`, 2, 'vit');
  const grid = Math.sqrt(tokens - 1);
  if (!Number.isInteger(grid)) {
    throw new CheckpointMismatchError(
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

function readQFormer(
  shapes: TensorShapes,
  layout: VisionLayout,
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

function readProjection(
  shapes: TensorShapes,
  vision: Shape,
  qFormer: Pick<QFormerConfig, 'hidden'> | null,
  decoder: DecoderConfig,
): ProjectionConfig {
  const count = shapes.has('llama_proj.weight') ? 1 : countLayers(shapes, 'llama_proj');
  const matrices = Array.from({ length: Math.max(count, 1) }, (_, layer) =>
    shapeOf(shapes, `${publishedProjection(layer, count)}.weight`, 2, 'projection'),
  );
  const widths = [matrices[0]![1]!, ...matrices.map(([outputs]) => outputs!)];
  const features = qFormer?.hidden ?? vision.width;
  const patchesPerToken = qFormer ? 1 : widths[0]! / vision.width;
  if (widths[0] !== features * patchesPerToken || !Number.isInteger(patchesPerToken)) {
    throw new CheckpointMismatchError(
      `The projection's matrix ${formatShape(matrices[0]!)} takes vectors of ${widths[0]} numbers, but the ${qFormer ? 'Q-Former' : 'ViT'} makes vectors of ${features}. Take the projection that was trained with these vision files.`,
    );
  }
  if (widths.at(-1) !== decoder.hidden) {
    throw new CheckpointMismatchError(
      `The projection's matrix ${formatShape(matrices.at(-1)!)} makes vectors of ${widths.at(-1)} numbers, but the language model's embedding table ${formatShape([decoder.vocabulary, decoder.hidden])} has vectors of ${decoder.hidden}. Take the projection that was trained for this language model; those for 7B and 13B are not interchangeable.`,
    );
  }
  return { widths, patchesPerToken };
}

const llamaConfig = z.object({
  model_type: z.literal('llama', 'the model type must be "llama"'),
  hidden_act: z.literal('silu').default('silu'),
  hidden_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive().nullish(),
  intermediate_size: z.int().positive(),
  max_position_embeddings: z.int().positive().default(2048),
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().default(10_000),
  rope_scaling: z.null('scaled rotary embeddings are not supported').optional(),
});

function readDecoder(shapes: TensorShapes, config: unknown): DecoderConfig {
  const parsed = llamaConfig.safeParse(config);
  if (!parsed.success) {
    throw new CheckpointMismatchError(
      `The language model's config.json does not describe a LLaMA: ${z.prettifyError(parsed.error)}`,
      { cause: parsed.error },
    );
  }
  const llama = parsed.data;
  // The config of Vicuna's deltas does not count the padding row, so the table itself is believed.
  const [vocabulary = 0] = shapeOf(shapes, publishedEmbedding, 2, 'llm');
  return {
    hidden: llama.hidden_size,
    layers: llama.num_hidden_layers,
    heads: llama.num_attention_heads,
    keyValueHeads: llama.num_key_value_heads ?? llama.num_attention_heads,
    intermediate: llama.intermediate_size,
    vocabulary,
    contextLength: llama.max_position_embeddings,
    rmsNormEpsilon: llama.rms_norm_eps,
    ropeBase: llama.rope_theta,
  };
}

/** Layers named `prefix.0.…`, `prefix.1.…` and so on. */
function countLayers(shapes: TensorShapes, prefix: string): number {
  const layers = [...shapes.keys()]
    .filter((name) => name.startsWith(`${prefix}.`))
    .map((name) => Number(name.slice(prefix.length + 1).split('.')[0]))
    .filter(Number.isInteger);
  return layers.length === 0 ? 0 : Math.max(...layers) + 1;
}
