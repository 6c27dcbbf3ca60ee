import { concatenate, Graph, serialize, type Value, type WeightCatalog } from '#libs/graph';

import { type ArchitectureConfig, readsQuestions } from './config.js';
import { fusedKernels } from './kernels.js';
import { Parameters } from './parameters.js';
import { joinPatches, projection } from './projection.js';
import { type QFormerOutput, qFormer } from './q-former.js';
import { visionNorm, vit, vitBlocks, vitEmbedding } from './vit.js';

/** What the encoder can show besides its result; `qformer` only where there is a Q-Former, its question's rows last. */
export type EncoderStage = 'vit' | 'ln_vision' | 'qformer';

export interface EncoderGraphOptions {
  /** Stages to give out as well, each under its own name. */
  readonly stages?: readonly EncoderStage[];
}

/**
 * The image encoder as an ONNX model: `pixel_values [images, 3, side, side]`, and `question_ids` int64
 * `[images, question]` for a Q-Former that reads them → `projected [images, tokensPerImage, hidden]`, all float32.
 */
export function encoderGraph(
  architecture: ArchitectureConfig,
  catalog: WeightCatalog,
  { stages = [] }: EncoderGraphOptions = {},
): Uint8Array {
  const { vision } = architecture;
  const graph = new Graph();
  const parameters = new Parameters(graph, catalog);
  const side = vision.imageSize;
  const pixels = graph.input('pixel_values', 'float32', ['images', 3, side, side]);

  const features = vit(parameters, vision, fusedKernels, pixels);
  const image = visionNorm(parameters, vision, features);
  const { queries, question } = visualTokens(parameters, architecture, image);
  graph.output('projected', projection(parameters, architecture.projection, queries));

  if (stages.includes('vit')) graph.output('vit', features);
  if (stages.includes('ln_vision')) graph.output('ln_vision', image);
  if (stages.includes('qformer') && architecture.qFormer) {
    graph.output('qformer', question ? concatenate([queries, question], 1, 'rows') : queries);
  }
  return serialize(graph);
}

/**
 * The image encoder as a chain of ONNX models, cut between the blocks of the ViT so that other work fits in between.
 * The output of each is the input of the next: `input [images, …]` → `output [images, …]`, pixels first and
 * `[images, tokensPerImage, hidden]` last. Where the Q-Former reads questions, the chain ends before it, at
 * `[images, 1 + patches, width]`, and {@link questionGraph} goes on.
 */
export function encoderChain(
  architecture: ArchitectureConfig,
  catalog: WeightCatalog,
  blocksPerModel: number,
): Uint8Array[] {
  const { depth } = architecture.vision;
  const models = Math.ceil(depth / blocksPerModel);
  return Array.from({ length: models }, (_, index) => {
    const first = index * blocksPerModel;
    return encoderLink(architecture, catalog, first, Math.min(first + blocksPerModel, depth));
  });
}

/**
 * Q-Former and projection of a model whose Q-Former reads questions: `image [images, 1 + patches, width]` and
 * `question_ids` int64 `[images, question]` → `projected [images, tokensPerImage, hidden]`.
 */
export function questionGraph(architecture: ArchitectureConfig, catalog: WeightCatalog): Uint8Array {
  const graph = new Graph();
  const parameters = new Parameters(graph, catalog);
  const image = graph.input('image', 'float32', featuresShape(architecture));
  graph.output('projected', projected(parameters, architecture, image));
  return serialize(graph);
}

/** The blocks from `first` up to `end`, with what comes before the first block and after the last. */
function encoderLink(
  architecture: ArchitectureConfig,
  catalog: WeightCatalog,
  first: number,
  end: number,
): Uint8Array {
  const { vision } = architecture;
  const { imageSize, depth } = vision;
  const graph = new Graph();
  const parameters = new Parameters(graph, catalog);
  const shape = first === 0 ? ['images', 3, imageSize, imageSize] : featuresShape(architecture);
  const input = graph.input('input', 'float32', shape);
  const tokens = first === 0 ? vitEmbedding(parameters, vision, fusedKernels, input) : input;
  const features = vitBlocks(parameters, vision, fusedKernels, tokens, first, end);
  graph.output('output', end < depth ? features : afterVit(parameters, architecture, features));
  return serialize(graph);
}

const featuresShape = ({ vision: { imageSize, patchSize, width } }: ArchitectureConfig) => [
  'images',
  1 + (imageSize / patchSize) ** 2,
  width,
];

function afterVit(parameters: Parameters, architecture: ArchitectureConfig, features: Value): Value {
  const image = visionNorm(parameters, architecture.vision, features);
  return readsQuestions(architecture) ? image : projected(parameters, architecture, image);
}

/** From the image as the vision networks see it to the decoder's embedding space. */
function projected(parameters: Parameters, architecture: ArchitectureConfig, image: Value): Value {
  return projection(
    parameters,
    architecture.projection,
    visualTokens(parameters, architecture, image).queries,
  );
}

function visualTokens(parameters: Parameters, architecture: ArchitectureConfig, image: Value): QFormerOutput {
  const { qFormer: config } = architecture;
  if (!config) return { queries: joinPatches(image, architecture.projection) };
  const question =
    config.text && parameters.graph.input('question_ids', 'int64', [image.shape[0]!, 'question']);
  return qFormer(parameters, config, fusedKernels, image, question);
}
