import {
  cast,
  concatenate,
  floats,
  type Graph,
  groupedQueryAttention,
  integer,
  padEnd,
  type RotaryAngles,
  range,
  reshape,
  type Shape,
  shapeOf,
  sliceBetween,
  split,
  subtract,
  type Value,
} from '#libs/graph';

import type { DecoderConfig } from './config.js';
import type { CausalAttention } from './decoder-kernels.js';
import { mergeHeads, splitHeads } from './kernels.js';
import { positionsOf, rotaryTables, rotate } from './rotary.js';

/** The keys and values of past tokens, by layer; all `[batch, keyValueHeads, capacity, cacheHeadWidth]`. */
export interface KeyValueStore {
  readonly dataType: 'float32' | 'float16';
  past(layer: number, part: 'key' | 'value'): Value;
  /** Takes the past with the new tokens appended. */
  keep(layer: number, part: 'key' | 'value', present: Value): void;
}

/**
 * How ONNX Runtime's GroupQueryAttention computes on the processor: in one pass over blocks of keys and values, or by
 * two matrix products with the softmax between them. For a single new token the latter takes 0.58 of the time
 * (version 1.30, TinyLlama's shape, context 1500, AVX-512). Other devices have kernels of their own.
 */
export type AttentionKernel = 'one-pass' | 'matrix-products';

export interface CacheInputs {
  /** Index of each row's last token: int32 `[batch]`. */
  readonly lastPositions: Value;
  /** Tokens of the longest row, past ones included: int32 `[1]`. */
  readonly totalLength: Value;
  readonly store: KeyValueStore;
  readonly kernel: AttentionKernel;
}

/** The fused kernel rotates heads whose width is a multiple of this. */
const ROTATED_WIDTH = 16;
/** It takes only heads whose width is a multiple of this. */
const KERNEL_WIDTH = 8;
/** A score so low, in float16 too, that the softmax gives it nothing. */
const NO_SCORE = -65504;

/** The width that one head of keys or values has in the cache: a little more than its own where the kernel wants that. */
export function cacheHeadWidth({ hidden, heads }: DecoderConfig): number {
  return Math.ceil(hidden / heads / KERNEL_WIDTH) * KERNEL_WIDTH;
}

/** The shape of the keys or values of one layer. */
export const cacheShape = (config: DecoderConfig): Shape => [
  'batch',
  config.keyValueHeads,
  'capacity',
  cacheHeadWidth(config),
];

/** The cache as inputs `past_key_values.N.key|value` of a graph and outputs `present.N.key|value`. */
export function cacheAtBorders(
  graph: Graph,
  config: DecoderConfig,
  keyValueType: 'float32' | 'float16',
): KeyValueStore {
  return {
    dataType: keyValueType,
    past: (layer, part) => graph.input(`past_key_values.${layer}.${part}`, keyValueType, cacheShape(config)),
    keep: (layer, part, present) => graph.output(`present.${layer}.${part}`, present),
  };
}

/** Attention over a cache of `capacity` positions per row, which it extends. */
export function cachedAttention(
  graph: Graph,
  config: DecoderConfig,
  { lastPositions, totalLength, store, kernel }: CacheInputs,
): CausalAttention {
  const { heads, keyValueHeads } = config;
  const headWidth = config.hidden / heads;
  // Rotated queries and keys carry the scale of their product, √(1 / headWidth) each: a product of one row is faster
  // unscaled.
  const tables = config.kind === 'opt' ? undefined : rotaryTables(graph, config, headWidth ** -0.25);
  const scale = tables ? 1 : headWidth ** -0.5;
  const kernelRotates = headWidth % ROTATED_WIDTH === 0;
  const isReady = tables ? kernelRotates : headWidth === cacheHeadWidth(config);

  const rotary =
    tables && kernelRotates
      ? { cosines: cast(tables.cosines, store.dataType), sines: cast(tables.sines, store.dataType) }
      : undefined;
  // The one-pass kernel knows no sinks, so with sinks that change nothing the other one is taken.
  const sinks =
    kernel === 'matrix-products'
      ? cast(floats(graph, [heads], new Float32Array(heads).fill(NO_SCORE)), store.dataType)
      : undefined;

  return (packed, layer) => {
    const prepared = isReady ? packed : rotateAndPad(cast(packed, 'float32'), config, tables, lastPositions);
    const { output, key, value } = groupedQueryAttention({
      packed: cast(prepared, store.dataType),
      pastKey: store.past(layer, 'key'),
      pastValue: store.past(layer, 'value'),
      lastPositions,
      totalLength,
      rotary,
      scale,
      sinks,
      heads,
      keyValueHeads,
    });
    store.keep(layer, 'key', key);
    store.keep(layer, 'value', value);
    const attended = cast(output, packed.dataType);
    return isReady ? attended : mergeHeads(sliceBetween(splitHeads(attended, heads), 3, 0, headWidth));
  };
}

/**
 * For head widths that the kernel does not take: rotates queries and keys where there are tables, and fills every head
 * up with zeros.
 */
function rotateAndPad(
  packed: Value,
  config: DecoderConfig,
  tables: RotaryAngles | undefined,
  lastPositions: Value,
): Value {
  const { hidden, heads, keyValueHeads } = config;
  const keyValueWidth = (hidden / heads) * keyValueHeads;
  const rows = tables && positionsOf(tables, rowPositions(packed, lastPositions));
  const rotated = (x: Value) => (rows ? rotate(x, rows) : x);
  const [query, key, value] = split(packed, 2, [hidden, keyValueWidth, keyValueWidth]) as [
    Value,
    Value,
    Value,
  ];
  const padded = (x: Value) => mergeHeads(padEnd(x, cacheHeadWidth(config)));
  return concatenate(
    [
      padded(rotated(splitHeads(query, heads))),
      padded(rotated(splitHeads(key, keyValueHeads))),
      padded(splitHeads(value, keyValueHeads)),
    ],
    2,
  );
}

/**
 * The position of every token of `[batch, tokens, …]` in its row, which ends at the row's last position: int64
 * `[batch, tokens]`.
 */
export function rowPositions(packed: Value, lastPositions: Value): Value {
  const [batch, tokens] = packed.shape;
  const length = shapeOf(packed, 1, 2);
  const beforeLast = subtract(subtract(length, integer(packed.graph, 1)), range(length, tokens!));
  return subtract(reshape(cast(lastPositions, 'int64'), [batch!, 1]), beforeLast);
}
