import {
  add,
  concatenate,
  expand,
  gather,
  gelu,
  integers,
  layerNormalization,
  range,
  shapeOf,
  slice,
  sliceBetween,
  type Value,
} from '#libs/graph';

import type { QFormerConfig } from './config.js';
import type { Kernels } from './kernels.js';
import type { Parameters } from './parameters.js';
import { hasCrossAttention } from './weights/vision-weights.js';

/** What comes out of a Q-Former: `[images, queries, hidden]`, and `[images, question, hidden]` where there is a question. */
export interface QFormerOutput {
  readonly queries: Value;
  readonly question?: Value;
}

/**
 * BLIP-2's Q-Former (MiniGPT-4, Qformer.py): a BERT whose learned queries attend to each other and, in every second
 * layer, to the image. Norms come after the residual sums. In InstructBLIP the words of a question stand behind the
 * queries: all attend to all, but only queries to the image, and each kind has feed-forward layers of its own.
 * image tokens `[images, tokens, visionWidth]`, question int64 `[images, question]`.
 */
export function qFormer(
  parameters: Parameters,
  config: QFormerConfig,
  kernels: Kernels,
  image: Value,
  question?: Value,
): QFormerOutput {
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

  let queries = norm('q_former.input_norm', queriesPerImage(parameters, config, image));
  let words = question && norm('q_former.input_norm', wordsOf(parameters, question));
  for (let index = 0; index < config.layers; index++) {
    const layer = `q_former.layers.${index}`;
    const rows = words ? concatenate([queries, words], 1, 'rows') : queries;
    const attended = attend(`${layer}.self_attention`, rows, rows);
    queries = words ? sliceBetween(attended, 1, 0, config.queries) : attended;
    if (hasCrossAttention(config, index)) queries = attend(`${layer}.cross_attention`, queries, image);
    queries = feedForward(`${layer}.mlp`, queries);
    words &&= feedForward(`${layer}.text_mlp`, rowsFrom(attended, config.queries, words.shape[1]!));
  }
  return { queries, question: words };
}

function queriesPerImage(parameters: Parameters, { queries, hidden }: QFormerConfig, image: Value): Value {
  const target = concatenate([shapeOf(image, 0, 1), integers(image.graph, [queries, hidden])], 0);
  return expand(parameters.get('q_former.queries'), target, [image.shape[0]!, queries, hidden]);
}

/** Positions are counted from the first word; queries have none. */
function wordsOf(parameters: Parameters, question: Value): Value {
  const positions = range(shapeOf(question, 1, 2), question.shape[1]!);
  return add(
    gather(parameters.get('q_former.word_embedding.weight'), question),
    gather(parameters.get('q_former.position_embedding.weight'), positions),
  );
}

function rowsFrom(x: Value, start: number, size: string | number): Value {
  return slice(x, 1, integers(x.graph, [start]), shapeOf(x, 1, 2), size);
}
