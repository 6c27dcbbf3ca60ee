import {
  concatenate,
  greater,
  range,
  reshape,
  rotaryEmbedding,
  scalar,
  shapeOf,
  split,
  type Value,
  where,
} from '#libs/graph';

import type { DecoderConfig } from './config.js';
import type { CausalAttention } from './decoder-kernels.js';
import { mergeHeads, scaledDotProductAttention, splitHeads } from './kernels.js';
import { rotaryTables } from './rotary.js';

/** Low enough that softmax gives a masked position exactly nothing. */
const MASKED = -1e9;

/** Attention in differentiable operators over whole sequences that start at position 0, for training. */
export function differentiableCausalAttention(config: DecoderConfig, embeddings: Value): CausalAttention {
  const { graph, shape } = embeddings;
  const [, tokens] = shape;
  const { heads, keyValueHeads } = config;
  const headWidth = config.hidden / heads;
  const length = shapeOf(embeddings, 1, 2);
  const tables = config.kind === 'opt' ? undefined : rotaryTables(graph, config);
  const placed = (x: Value) => (tables ? rotaryEmbedding(x, tables) : x);
  const mask = causalMask(length, tokens!);
  return (packed) => {
    const widths = [config.hidden, keyValueHeads * headWidth, keyValueHeads * headWidth];
    const [query, key, value] = split(packed, 2, widths) as [Value, Value, Value];
    return mergeHeads(
      scaledDotProductAttention(
        splitHeads(placed(query), heads),
        shareHeads(splitHeads(placed(key), keyValueHeads), heads),
        shareHeads(splitHeads(value, keyValueHeads), heads),
        mask,
      ),
    );
  };
}

/** `[tokens, tokens]`: 0 where a row's token may look, far below elsewhere. */
function causalMask(length: Value, tokens: string | number): Value {
  const positions = range(length, tokens);
  const later = greater(reshape(positions, [1, tokens]), reshape(positions, [tokens, 1]));
  return where(later, scalar(length.graph, MASKED), scalar(length.graph, 0));
}

/** Repeats each key and value head for the query heads that share it. */
function shareHeads(x: Value, heads: number): Value {
  const keyValueHeads = Number(x.shape[1]);
  const sharing = heads / keyValueHeads;
  if (sharing === 1) return x;
  const single = split(x, 1, Array<number>(keyValueHeads).fill(1));
  const [first, ...rest] = single.flatMap((head) => Array<Value>(sharing).fill(head));
  return concatenate([first!, ...rest], 1);
}
