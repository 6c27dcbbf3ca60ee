import {
  add,
  concatenate,
  expand,
  gelu,
  integers,
  layerNormalization,
  quickGelu,
  shapeOf,
  split,
  type Value,
} from '#libs/graph';

import type { VisionConfig } from './config.js';
import type { Kernels } from './kernels.js';
import type { Parameters } from './parameters.js';

/**
 * A vision transformer as the families run it (MiniGPT-4, eva_vit.py; transformers, modeling_clip.py): pre-norm blocks,
 * no final norm, every token kept.
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
    x = add(x, mlp(parameters, config, `${block}.mlp`, norm(`${block}.mlp_norm`, x)));
  }
  return x;
}

/**
 * The LayerNorm between the ViT and what reads it, where there is one; its epsilon is not the ViT's (MiniGPT-4,
 * base_model.py).
 */
export function visionNorm(
  parameters: Parameters,
  { outputLayerNormEpsilon }: VisionConfig,
  x: Value,
): Value {
  if (outputLayerNormEpsilon === null) return x;
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
  config: VisionConfig,
  kernels: Kernels,
  pixels: Value,
): Value {
  const { width } = config;
  const patches = kernels.embedPatches(
    pixels,
    parameters.get('vit.patch_embedding.weight'),
    parameters.get('vit.patch_embedding.bias'),
  );
  const oneEach = concatenate([shapeOf(pixels, 0, 1), integers(pixels.graph, [1, width])], 0);
  const classToken = expand(parameters.get('vit.class_token'), oneEach, [pixels.shape[0]!, 1, width]);
  const tokens = add(concatenate([classToken, patches], 1), parameters.get('vit.position_embedding'));
  return config.inputNorm ? layerNorm(parameters, config, 'vit.input_norm', tokens) : tokens;
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

function mlp(parameters: Parameters, { activation }: VisionConfig, layer: string, x: Value): Value {
  const activate = activation === 'gelu' ? gelu : quickGelu;
  return parameters.linear(activate(parameters.linear(x, `${layer}.expand`)), `${layer}.contract`);
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
