import { CodedError } from '#libs/errors';
import { expectRank, singleOutput, type Value } from '../graph.js';
import { formatShape, sameShape } from '../shape.js';
import { integers } from './constants.js';

/** GELU by the error function, not its tanh approximation. */
export const gelu = (x: Value) =>
  singleOutput('Gelu', [x], { dataType: x.dataType, shape: x.shape }, {}, 'com.microsoft');

/** x · sigmoid(x), which ONNX Runtime has as QuickGelu with alpha 1. */
export const silu = (x: Value) => scaledSigmoidGate(x, 1);

/** x · sigmoid(1.702 x), CLIP's approximation of GELU (OpenAI's CLIP, model.py). */
export const quickGelu = (x: Value) => scaledSigmoidGate(x, 1.702);

const scaledSigmoidGate = (x: Value, alpha: number) =>
  singleOutput(
    'QuickGelu',
    [x],
    { dataType: x.dataType, shape: x.shape },
    { alpha: { float: alpha } },
    'com.microsoft',
  );

/** Cosines and sines of the angles of rotary position embedding. */
export interface RotaryAngles {
  /** `[positions, headWidth / 2]` */
  readonly cosines: Value;
  readonly sines: Value;
}

/**
 * Rotates the heads of `[batch, tokens, heads * headWidth]` by the angles of positions 0, 1, 2, … Element i of a head
 * is paired with element i + headWidth / 2, as in Hugging Face's LLaMA.
 */
export function rotaryEmbedding(x: Value, { cosines, sines }: RotaryAngles): Value {
  expectRank('RotaryEmbedding', x, 3);
  const headWidth = 2 * Number(cosines.shape[1]);
  if (Number(x.shape[2]) % headWidth !== 0 || !sameShape(cosines.shape, sines.shape)) {
    throw new CodedError(
      'shape',
      `RotaryEmbedding: ${formatShape(x.shape)} has no heads for the angles ${formatShape(cosines.shape)} and ${formatShape(sines.shape)}`,
    );
  }
  const start = integers(x.graph, [0]);
  return singleOutput(
    'RotaryEmbedding',
    [x, start, cosines, sines],
    { dataType: x.dataType, shape: x.shape },
    {},
    'com.microsoft',
  );
}

export interface QuantizedMatrix {
  /** uint8 `[out, blocks, blockSize * bits / 8]`. */
  readonly integers: Value;
  /** float32 `[out, blocks]`. */
  readonly scales: Value;
  readonly inputs: number;
  readonly bits: 4 | 8;
  readonly blockSize: number;
}

/**
 * MatMul with a matrix of integers, one scale for each block of inputs: `[…, in] → […, out]`. Accuracy level 4
 * rounds the activations to int8 block by block, which the CPU multiplies several times faster than floats.
 */
export function quantizedMatMul(x: Value, matrix: QuantizedMatrix): Value {
  const { integers, scales, inputs, bits, blockSize } = matrix;
  const [outputs = 0, blocks = 0, bytes = 0] = integers.shape;
  const expected = [outputs, Math.ceil(inputs / blockSize), (blockSize * bits) / 8];
  if (x.shape.at(-1) !== inputs || !sameShape([outputs, blocks, bytes], expected)) {
    throw new CodedError(
      'shape',
      `MatMulNBits: ${formatShape(x.shape)} and the quantised matrix ${formatShape(integers.shape)} of ${inputs} inputs do not multiply`,
    );
  }
  return singleOutput(
    'MatMulNBits',
    [x, integers, scales],
    { dataType: x.dataType, shape: x.shape.with(-1, outputs) },
    {
      K: { int: inputs },
      N: { int: Number(outputs) },
      bits: { int: bits },
      block_size: { int: blockSize },
      accuracy_level: { int: 4 },
    },
    'com.microsoft',
  );
}

/**
 * MatMul with a matrix of int8 integers `[in, out]` that has one scale for each output, float32 `[out]`:
 * `[…, in] → […, out]`. The activations are rounded to 8 bits at each run, with one scale for all of them.
 */
export function dynamicQuantizedMatMul(x: Value, integers: Value, scales: Value): Value {
  const [inputs, outputs] = integers.shape;
  if (x.shape.at(-1) !== inputs || !sameShape(scales.shape, [outputs!])) {
    throw new CodedError(
      'shape',
      `DynamicQuantizeMatMul: ${formatShape(x.shape)} and the quantised matrix ${formatShape(integers.shape)} do not multiply`,
    );
  }
  return singleOutput(
    'DynamicQuantizeMatMul',
    [x, integers, scales],
    { dataType: x.dataType, shape: x.shape.with(-1, outputs!) },
    {},
    'com.microsoft',
  );
}

/**
 * Attention without a mask over `heads` heads.
 * query `[batch, queries, width]`, key and value `[batch, keys, width]` → `[batch, queries, width]`.
 */
export function multiHeadAttention(query: Value, key: Value, value: Value, heads: number): Value {
  for (const input of [query, key, value]) expectRank('MultiHeadAttention', input, 3);
  if (!sameShape(key.shape, value.shape) || query.shape[2] !== key.shape[2]) {
    throw new CodedError(
      'shape',
      `MultiHeadAttention: query ${formatShape(query.shape)}, key ${formatShape(key.shape)} and value ${formatShape(value.shape)} do not fit`,
    );
  }
  return singleOutput(
    'MultiHeadAttention',
    [query, key, value],
    { dataType: query.dataType, shape: query.shape },
    { num_heads: { int: heads } },
    'com.microsoft',
  );
}

export interface GroupedAttentionInputs {
  /** Queries, keys and values side by side: `[batch, tokens, (heads + 2 * keyValueHeads) * headWidth]`. */
  readonly packed: Value;
  /** `[batch, keyValueHeads, capacity, headWidth]`. */
  readonly pastKey: Value;
  readonly pastValue: Value;
  /** Index of each row's last token: int32 `[batch]`. */
  readonly lastPositions: Value;
  /** Tokens of the longest row, past ones included: int32 `[1]`. */
  readonly totalLength: Value;
  /** `[positions, headWidth / 2]` each; left out when queries and keys come rotated. */
  readonly rotary?: RotaryAngles;
  /** What the scores are multiplied by; 1 / √headWidth by default. */
  readonly scale?: number;
  /** A score for each head, `[heads]`, that takes its share of the softmax and brings no value. */
  readonly sinks?: Value;
  readonly heads: number;
  readonly keyValueHeads: number;
}

/**
 * Causal attention that rotates queries and keys by their positions where it is given the tables, appends keys and
 * values to the cache, and lets several query heads share one key and value head. When past and present are the same
 * memory, the cache is extended in place. The CPU kernel wants head widths that are multiples of 8, and of 16 when it
 * rotates.
 */
export function groupedQueryAttention(inputs: GroupedAttentionInputs) {
  const { packed, pastKey, pastValue, rotary, scale, heads, keyValueHeads } = inputs;
  expectRank('GroupQueryAttention', packed, 3);
  expectRank('GroupQueryAttention', pastKey, 4);
  const headWidth = Number(pastKey.shape[3]);
  if (packed.shape[2] !== (heads + 2 * keyValueHeads) * headWidth) {
    throw new CodedError(
      'shape',
      `GroupQueryAttention: packed ${formatShape(packed.shape)} does not hold ${heads} + 2 × ${keyValueHeads} heads of the width of the cache ${formatShape(pastKey.shape)}`,
    );
  }
  const cache = { dataType: pastKey.dataType, shape: pastKey.shape };
  const [output, key, value] = packed.graph.node(
    'GroupQueryAttention',
    [
      packed,
      undefined,
      undefined,
      pastKey,
      pastValue,
      inputs.lastPositions,
      inputs.totalLength,
      rotary?.cosines,
      rotary?.sines,
      undefined,
      undefined,
      inputs.sinks,
    ],
    [{ dataType: packed.dataType, shape: packed.shape.with(2, heads * headWidth) }, cache, cache],
    {
      num_heads: { int: heads },
      kv_num_heads: { int: keyValueHeads },
      do_rotary: { int: rotary ? 1 : 0 },
      scale: { float: scale ?? 1 / Math.sqrt(headWidth) },
    },
    'com.microsoft',
  );
  return { output: output!, key: key!, value: value! };
}
