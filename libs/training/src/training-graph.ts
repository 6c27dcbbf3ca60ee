import {
  cast,
  concatenate,
  expand,
  Graph,
  gather,
  gatherLast,
  gradients,
  integers,
  logSoftmax,
  multiply,
  negate,
  reduceSum,
  reshape,
  serialize,
  shapeOf,
  subtract,
  type Value,
  type WeightCatalog,
} from '#libs/graph';
import {
  type ArchitectureConfig,
  type CausalAttention,
  decoderKernels,
  decoderNetwork,
  differentiableCausalAttention,
  differentiableKernels,
  joinPatches,
  languageModelHead,
  type PackageWeight,
  Parameters,
  projection,
  qFormer,
} from '#libs/minigpt4';

import { featureShape, learningWeights, type TrainingVariant } from './variant.js';

export interface TrainingGraphOptions {
  /**
   * Computes each layer of the decoder twice and keeps, from the first time, only what goes from one to the next.
   * Gradients are the same; memory grows with the depth far more slowly.
   */
  readonly recompute?: boolean;
}

export interface TrainingGraph {
  readonly model: Uint8Array;
  /** The weights that learn. Each is an input of its name, and has its gradient as the output `gradient.NAME`. */
  readonly trainable: readonly PackageWeight[];
}

/**
 * One training step without the optimizer, as an ONNX model: the loss of a batch and its gradients.
 *
 * Inputs: the weights that learn, by their names;
 * `features [images, tokens, width]`, what the frozen part of the image encoder gives (`frozenStage`);
 * `text_ids` int64 `[texts]`, the text tokens of all sequences one after the other;
 * `rows` int64 `[batch, tokens]`, what stands at each position: first the visual tokens of all images are
 * counted, then the text tokens;
 * `target_rows` int64 `[targets]`, the positions, counted through all rows, after which a token is to be
 * predicted; `target_ids` int64 `[targets]`, that token; `loss_weight`, a number (see `crossEntropy`).
 * Outputs: `loss`, a number, and the gradients.
 */
export function trainingGraph(
  architecture: ArchitectureConfig,
  catalog: WeightCatalog,
  variant: TrainingVariant,
  { recompute = false }: TrainingGraphOptions = {},
): TrainingGraph {
  const graph = new Graph();
  const vision = new Parameters(graph, catalog);
  const decoder = new Parameters(graph, catalog);
  const trainable = learningWeights(architecture, variant);
  const weights = trainable.map((weight) => vision.makeTrainable(weight));

  const visual = visualTokens(vision, architecture, variant);
  const { loss, layers } = languageModelLoss(graph, decoder, architecture, visual);
  graph.output('loss', loss);
  const recomputeFrom = recompute ? layers : [];
  for (const [index, gradient] of gradients(loss, weights, { recomputeFrom }).entries()) {
    graph.output(`gradient.${trainable[index]!.name}`, gradient);
  }
  return { model: serialize(graph), trainable };
}

/** What the decoder is shown of the images: `[images, tokensPerImage, hidden]`. */
function visualTokens(vision: Parameters, architecture: ArchitectureConfig, variant: TrainingVariant): Value {
  const { qFormer: queries, projection: layers } = architecture;
  const features = vision.graph.input('features', 'float32', [
    'images',
    ...featureShape(architecture, variant),
  ]);
  switch (variant.qFormer) {
    case 'frozen':
      return projection(vision, layers, features);
    case 'trained':
      return projection(vision, layers, qFormer(vision, queries!, differentiableKernels, features).queries);
    case 'none':
      return projection(vision, layers, joinPatches(features, layers));
  }
}

/** Of sequences that all are padded to one length: int32 `[batch]`. */
function lastPositions(rows: Value): Value {
  const { graph } = rows;
  const last = subtract(shapeOf(rows, 1, 2), integers(graph, [1]));
  return cast(expand(last, shapeOf(rows, 0, 1), [rows.shape[0]!]), 'int32');
}

/** The loss, and a value inside each layer at which the computation can be cut. */
function languageModelLoss(
  graph: Graph,
  decoder: Parameters,
  architecture: ArchitectureConfig,
  visual: Value,
): { readonly loss: Value; readonly layers: readonly Value[] } {
  const config = architecture.decoder;
  const { hidden } = config;
  const textIds = graph.input('text_ids', 'int64', ['texts']);
  const rows = graph.input('rows', 'int64', ['batch', 'tokens']);
  const targetRows = graph.input('target_rows', 'int64', ['targets']);
  const targetIds = graph.input('target_ids', 'int64', ['targets']);
  const lossWeight = graph.input('loss_weight', 'float32', []);

  const texts = gather(decoder.get('decoder.embedding.weight'), textIds);
  const shown = concatenate([reshape(visual, ['visual', hidden]), texts], 0, 'shown');
  const embeddings = gather(shown, rows); // [batch, tokens, hidden]
  const attention = differentiableCausalAttention(config, embeddings);
  const layers: Value[] = [];
  const noted: CausalAttention = (packed, layer) => {
    layers.push(packed);
    return attention(packed, layer);
  };
  const kernels = decoderKernels(config, noted);
  const outputs = decoderNetwork(decoder, config, kernels, embeddings, lastPositions(rows));
  // Most positions predict nothing, so the head, the widest matrix of all, sees only those that do.
  const predicting = gather(reshape(outputs, ['positions', hidden]), targetRows);
  return { loss: crossEntropy(languageModelHead(decoder, predicting), targetIds, lossWeight), layers };
}

/**
 * Cross-entropy of logits `[targets, vocabulary]` with the int64 ids `[targets]` that should have come. It is
 * summed and multiplied by `weight`, a number: one over the targets of the whole batch gives the mean, also when
 * the batch is computed in several parts.
 */
function crossEntropy(logits: Value, ids: Value, weight: Value): Value {
  const [targets] = logits.shape;
  const logProbabilities = gatherLast(logSoftmax(logits), reshape(ids, [targets!, 1]));
  return multiply(negate(reduceSum(logProbabilities, [0, 1], false)), weight);
}
