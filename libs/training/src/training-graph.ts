import {
  concatenate,
  Graph,
  gather,
  gradients,
  reshape,
  serialize,
  type Value,
  type WeightCatalog,
} from '#libs/graph';
import {
  type ArchitectureConfig,
  differentiableCausalAttention,
  differentiableKernels,
  joinPatches,
  languageModelHead,
  llama,
  type MatrixFormat,
  type PackageWeight,
  Parameters,
  packageWeights,
  projection,
  qFormer,
} from '#libs/minigpt4';

import { crossEntropy } from './cross-entropy.js';

/** What of the model learns: the projection as in the paper, or the Q-Former too (its ablation c). */
export type TrainablePart = 'projection' | 'q-former-and-projection';

export interface TrainingGraph {
  readonly model: Uint8Array;
  /** The weights that learn. Each is an input of its name, and has its gradient as the output `gradient.NAME`. */
  readonly trainable: readonly PackageWeight[];
}

/**
 * One training step without the optimizer, as an ONNX model: the loss of a batch and its gradients.
 *
 * Inputs: the weights that learn, by their names;
 * `features [images, tokens, width]`, the Q-Former's output when there is one and it does not learn, else what
 * `ln_vision` gives;
 * `text_ids` int64 `[texts]`, the text tokens of all sequences one after the other;
 * `rows` int64 `[batch, tokens]`, what stands at each position: first the visual tokens of all images are
 * counted, then the text tokens; padding, at the end of a row only, may be any of them;
 * `target_rows` int64 `[targets]`, the positions, counted through all rows, after which a token is to be
 * predicted; `target_ids` int64 `[targets]`, that token; `loss_weight`, a number (see `crossEntropy`).
 * Outputs: `loss`, a number, and the gradients.
 */
export function trainingGraph(
  architecture: ArchitectureConfig,
  catalog: WeightCatalog,
  part: TrainablePart,
  format: MatrixFormat = { kind: 'none' },
): TrainingGraph {
  const graph = new Graph();
  const vision = new Parameters(graph, catalog);
  const decoder = new Parameters(graph, catalog, format);
  const trainable = trainableWeights(architecture, part);
  const weights = trainable.map(({ name }) => vision.makeTrainable(name));

  const visual = visualTokens(vision, architecture, part);
  const loss = languageModelLoss(graph, decoder, architecture, visual);
  graph.output('loss', loss);
  for (const [index, gradient] of gradients(loss, weights).entries()) {
    graph.output(`gradient.${trainable[index]!.name}`, gradient);
  }
  return { model: serialize(graph), trainable };
}

function trainableWeights(architecture: ArchitectureConfig, part: TrainablePart): PackageWeight[] {
  const learning = part === 'projection' ? ['projection.'] : ['q_former.', 'projection.'];
  return packageWeights(architecture).filter(({ name }) =>
    learning.some((prefix) => name.startsWith(prefix)),
  );
}

/** What the decoder is shown of the images: `[images, tokensPerImage, hidden]`. */
function visualTokens(vision: Parameters, architecture: ArchitectureConfig, part: TrainablePart): Value {
  const { qFormer: queries, projection: layers } = architecture;
  const { graph } = vision;
  if (queries && part === 'projection') {
    const features = graph.input('features', 'float32', ['images', queries.queries, queries.hidden]);
    return projection(vision, layers, features);
  }
  const patches = (architecture.vision.imageSize / architecture.vision.patchSize) ** 2;
  const features = graph.input('features', 'float32', ['images', 1 + patches, architecture.vision.width]);
  const tokens = queries
    ? qFormer(vision, queries, differentiableKernels, features)
    : joinPatches(features, layers);
  return projection(vision, layers, tokens);
}

function languageModelLoss(
  graph: Graph,
  decoder: Parameters,
  architecture: ArchitectureConfig,
  visual: Value,
): Value {
  const { hidden } = architecture.decoder;
  const textIds = graph.input('text_ids', 'int64', ['texts']);
  const rows = graph.input('rows', 'int64', ['batch', 'tokens']);
  const targetRows = graph.input('target_rows', 'int64', ['targets']);
  const targetIds = graph.input('target_ids', 'int64', ['targets']);
  const lossWeight = graph.input('loss_weight', 'float32', []);

  const texts = gather(decoder.get('decoder.embedding.weight'), textIds);
  const shown = concatenate([reshape(visual, ['visual', hidden]), texts], 0, 'shown');
  const embeddings = gather(shown, rows); // [batch, tokens, hidden]
  const attention = differentiableCausalAttention(architecture.decoder, embeddings);
  const outputs = llama(decoder, architecture.decoder, attention, embeddings);
  // Most positions predict nothing, so the head, the widest matrix of all, sees only those that do.
  const predicting = gather(reshape(outputs, ['positions', hidden]), targetRows);
  return crossEntropy(languageModelHead(decoder, predicting), targetIds, lossWeight);
}
