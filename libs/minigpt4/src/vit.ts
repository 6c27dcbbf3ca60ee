import {
  add,
  concatenate,
  expand,
  gelu,
  integers,
  layerNormalization,
  shapeOf,
  split,
  type Value,
} from '#libs/graph';

import type { VisionConfig } from './config.js';
import type { Kernels } from './kernels.js';
import type { Parameters } from './parameters.js';

/**
 * EVA-CLIP's ViT as MiniGPT-4 runs it (MiniGPT-4, eva_vit.py): pre-norm blocks, no final norm, every token kept.
 * pixels `[images, 3, side, side]` → `[images, 1 + patches, width]`, the class token first.
 */
export function vit(parameters: Parameters, config: VisionConfig, kernels: Kernels, pixels: Value): Value {
  return vitBlocks(parameters, config, kernels, vitEmbedding(parameters, config, kernels, pixels), 0);
}

/** The blocks from `first` up to `end`: `[images, 1 + patches, width]` → the same. */
export function vitBlocks(
  parameters: Parameters,
  config: VisionConfig,
  kernels: Kernels,
  tokens: Value,
  first: number,
  end = config.depth,
): Value {
  let x = tokens;
  for (let index = first; index < end; index++) {
    const block = `vit.blocks.${index}`;
    const norm = (name: string, input: Value) => layerNorm(parameters, config, name, input);
    x = add(
      x,
      attention(parameters, config, kernels, `${block}.attention`, norm(`${block}.attention_norm`, x)),
    );
    x = add(x, mlp(parameters, `${block}.mlp`, norm(`${block}.mlp_norm`, x)));
  }
  return x;
}

/** The LayerNorm between the ViT and what reads it; its epsilon is not the ViT's (MiniGPT-4, base_model.py). */
export function visionNorm(
  parameters: Parameters,
  { outputLayerNormEpsilon }: VisionConfig,
  x: Value,
): Value {
  return layerNormalization(
    x,
    parameters.get('ln_vision.weight'),
    parameters.get('ln_vision.bias'),
    outputLayerNormEpsilon,
  );
}

/** What the first block takes: pixels `[images, 3, side, side]` → `[images, 1 + patches, width]`. */
export function vitEmbedding(
  parameters: Parameters,
  { width }: VisionConfig,
  kernels: Kernels,
  pixels: Value,
): Value {
  const patches = kernels.embedPatches(
    pixels,
    parameters.get('vit.patch_embedding.weight'),
    parameters.get('vit.patch_embedding.bias'),
  );
  const oneEach = concatenate([shapeOf(pixels, 0, 1), integers(pixels.graph, [1, width])], 0);
  const classToken = expand(parameters.get('vit.class_token'), oneEach, [pixels.shape[0]!, 1, width]);
  return add(concatenate([classToken, patches], 1), parameters.get('vit.position_embedding'));
}

function attention(
  parameters: Parameters,
  { width, heads }: VisionConfig,
  kernels: Kernels,
  layer: string,
  x: Value,
): Value {
  const [query, key, value] = split(parameters.linear(x, `${layer}.qkv`), 2, [width, width, width]);
  return parameters.linear(kernels.attention(query!, key!, value!, heads), `${layer}.output`);
}

function mlp(parameters: Parameters, layer: string, x: Value): Value {
  return parameters.linear(gelu(parameters.linear(x, `${layer}.expand`)), `${layer}.contract`);
}

function layerNorm(
  parameters: Parameters,
  { layerNormEpsilon }: VisionConfig,
  layer: string,
  x: Value,
): Value {
  return layerNormalization(
    x,
    parameters.get(`${layer}.weight`),
    parameters.get(`${layer}.bias`),
    layerNormEpsilon,
  );
}
