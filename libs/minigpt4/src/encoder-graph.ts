import { Graph, serialize, type WeightCatalog } from '#libs/graph';

import type { ArchitectureConfig } from './config.js';
import { fusedKernels } from './kernels.js';
import { Parameters } from './parameters.js';
import { joinPatches, projection } from './projection.js';
import { qFormer } from './q-former.js';
import { visionNorm, vit } from './vit.js';

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
  const tokens = architecture.qFormer
    ? qFormer(parameters, architecture.qFormer, fusedKernels, image)
    : joinPatches(image, architecture.projection);
  graph.output('projected', projection(parameters, architecture.projection, tokens));

  if (stages.includes('vit')) graph.output('vit', features);
  if (stages.includes('ln_vision')) graph.output('ln_vision', image);
  if (stages.includes('qformer') && architecture.qFormer) graph.output('qformer', tokens);
  return serialize(graph);
}
