import {
  add,
  concatenate,
  expand,
  gelu,
  integers,
  layerNormalization,
  shapeOf,
  type Value,
} from '#libs/graph';

import type { QFormerConfig } from './config.js';
import type { Kernels } from './kernels.js';
import type { Parameters } from './parameters.js';
import { hasCrossAttention } from './weights/vision-weights.js';

/**
 * BLIP-2's Q-Former, query path only (MiniGPT-4, Qformer.py): a BERT whose learned queries attend to each other
 * and, in every second layer, to the image. Norms come after the residual sums.
 * image tokens `[images, tokens, visionWidth]` → `[images, queries, hidden]`.
 */
export function qFormer(
  parameters: Parameters,
  config: QFormerConfig,
  kernels: Kernels,
  image: Value,
): Value {
  const norm = (layer: string, input: Value) =>
    layerNormalization(
      input,
      parameters.get(`${layer}.weight`),
      parameters.get(`${layer}.bias`),
      config.layerNormEpsilon,
    );
  const attend = (layer: string, input: Value, context: Value) => {
    const attended = kernels.attention(
      parameters.linear(input, `${layer}.query`),
      parameters.linear(context, `${layer}.key`),
      parameters.linear(context, `${layer}.value`),
      config.heads,
    );
    return norm(`${layer}.norm`, add(parameters.linear(attended, `${layer}.output`), input));
  };
  const feedForward = (layer: string, input: Value) => {
    const expanded = gelu(parameters.linear(input, `${layer}.expand`));
    return norm(`${layer}.norm`, add(parameters.linear(expanded, `${layer}.contract`), input));
  };

  let h = norm('q_former.input_norm', queriesPerImage(parameters, config, image));
  for (let index = 0; index < config.layers; index++) {
    const layer = `q_former.layers.${index}`;
    h = attend(`${layer}.self_attention`, h, h);
    if (hasCrossAttention(config, index)) h = attend(`${layer}.cross_attention`, h, image);
    h = feedForward(`${layer}.mlp`, h);
  }
  return h;
}

function queriesPerImage(parameters: Parameters, { queries, hidden }: QFormerConfig, image: Value): Value {
  const target = concatenate([shapeOf(image, 0, 1), integers(image.graph, [queries, hidden])], 0);
  return expand(parameters.get('q_former.queries'), target, [image.shape[0]!, queries, hidden]);
}
