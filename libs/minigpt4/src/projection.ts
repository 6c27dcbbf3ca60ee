import { gelu, reshape, sliceBetween, type Value } from '#libs/graph';

import type { ProjectionConfig } from './config.js';
import type { Parameters } from './parameters.js';

/**
 * Linear layers from visual features to the decoder's embeddings, with the activation of the configuration between.
 * `[images, tokens, width]` → `[images, tokens, hidden]`.
 */
export function projection(parameters: Parameters, config: ProjectionConfig, features: Value): Value {
  let x = features;
  for (let layer = 0; layer < config.widths.length - 1; layer++) {
    if (layer > 0 && config.activation === 'gelu') x = gelu(x);
    x = parameters.linear(x, `projection.layers.${layer}`);
  }
  return x;
}

/**
 * For models without Q-Former: leaves the class token out and joins patches that follow each other into one
 * visual token (MiniGPT-4, minigpt4.py). `[images, 1 + patches, width]` →
 * `[images, patches / patchesPerToken, patchesPerToken * width]`.
 */
export function joinPatches(image: Value, { patchesPerToken }: ProjectionConfig): Value {
  const [images, tokens, width] = image.shape;
  const patches = Number(tokens) - 1;
  const joined = patches / patchesPerToken;
  return reshape(sliceBetween(image, 1, 1, patches + 1), [images!, joined, patchesPerToken * Number(width)]);
}
