import { Graph, serialize, type Value, type WeightCatalog } from '#libs/graph';

import type { ArchitectureConfig } from './config.js';
import { fusedKernels } from './kernels.js';
import { Parameters } from './parameters.js';
import { joinPatches, projection } from './projection.js';
import { qFormer } from './q-former.js';
import { visionNorm, vit, vitBlocks, vitEmbedding } from './vit.js';

/** What the encoder can show besides its result; `qformer` only where there is a Q-Former. */
export type EncoderStage = 'vit' | 'ln_vision' | 'qformer';

export interface EncoderGraphOptions {
  /** Stages to give out as well, each under its own name. */
  readonly stages?: readonly EncoderStage[];
}

/**
 * The image encoder as an ONNX model: `pixel_values [images, 3, side, side]` →
 * `projected [images, tokensPerImage, hidden]`, all float32.
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
  const tokens = visualTokens(parameters, architecture, image);
  graph.output('projected', projection(parameters, architecture.projection, tokens));

  if (stages.includes('vit')) graph.output('vit', features);
  if (stages.includes('ln_vision')) graph.output('ln_vision', image);
  if (stages.includes('qformer') && architecture.qFormer) graph.output('qformer', tokens);
  return serialize(graph);
}

/**
 * The image encoder as a chain of ONNX models, cut between the blocks of the ViT so that other work fits in between.
 * The output of each is the input of the next: `input [images, …]` → `output [images, …]`, pixels first and
 * `[images, tokensPerImage, hidden]` last.
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

/** The blocks from `first` up to `end`, with what comes before the first block and after the last. */
function encoderLink(
  architecture: ArchitectureConfig,
  catalog: WeightCatalog,
  first: number,
  end: number,
): Uint8Array {
  const { vision } = architecture;
  const { imageSize, patchSize, width, depth } = vision;
  const graph = new Graph();
  const parameters = new Parameters(graph, catalog);
  const input = graph.input(
    'input',
    'float32',
    first === 0 ? ['images', 3, imageSize, imageSize] : ['images', 1 + (imageSize / patchSize) ** 2, width],
  );
  const tokens = first === 0 ? vitEmbedding(parameters, vision, fusedKernels, input) : input;
  const features = vitBlocks(parameters, vision, fusedKernels, tokens, first, end);
  graph.output('output', end < depth ? features : projected(parameters, architecture, features));
  return serialize(graph);
}

/** From the ViT's features to the decoder's embedding space. */
function projected(parameters: Parameters, architecture: ArchitectureConfig, features: Value): Value {
  const image = visionNorm(parameters, architecture.vision, features);
  return projection(parameters, architecture.projection, visualTokens(parameters, architecture, image));
}

function visualTokens(parameters: Parameters, architecture: ArchitectureConfig, image: Value): Value {
  return architecture.qFormer
    ? qFormer(parameters, architecture.qFormer, fusedKernels, image)
    : joinPatches(image, architecture.projection);
}
