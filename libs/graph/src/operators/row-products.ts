import { CodedError } from '#libs/errors';
import { type Graph, singleOutput, type Value } from '../graph.js';
import { formatShape, sameShape } from '../shape.js';
import { scalar } from './constants.js';
import { add, divide, equal, maximum, multiply, negate, where } from './elementwise.js';
import { reshape, sliceBetween } from './layout.js';
import { reduceMax, reduceMin } from './reductions.js';

/** A matrix of 8-bit integers with a scale for each row. */
export interface QuantizedRows {
  /** uint8 `[…, in]` */
  readonly integers: Value;
  /** What stands for 0, a uint8. */
  readonly zeroPoint: Value;
  /** float32 `[…, 1]` */
  readonly scales: Value;
}

/** The scale of a row of zeros, by which can be divided. */
const LEAST_SCALE = 1e-30;

/**
 * Rounds each row of float32 `[…, in]` to 8 bits by its own largest element, so that it does not depend on other rows.
 * Rows must hold no number that is infinite or none, or nothing else: then a row's scale is none either, and so is all
 * that the row is multiplied with. An integer could not tell.
 */
export function quantizeRows(x: Value): QuantizedRows {
  const { graph } = x;
  const { largest, zeroPoint } = rangeOfIntegers(graph);
  const extreme = maximum(reduceMax(x, [-1]), negate(reduceMin(x, [-1])));
  const scales = maximum(divide(extreme, largest), scalar(graph, LEAST_SCALE));
  const zeroOrNone = multiply(sliceBetween(x, -1, 0, 1), scalar(graph, 0));
  // With scales of rows QuantizeLinear takes 30 times as long as with a single one (ONNX Runtime 1.30).
  const integers = singleOutput('QuantizeLinear', [divide(x, scales), scalar(graph, 1), zeroPoint], {
    dataType: 'uint8',
    shape: x.shape,
  });
  return { integers, zeroPoint, scales: add(scales, zeroOrNone) };
}

/**
 * The largest integer around the zero point whose products with int8 a processor adds rightly. Those for x86-64 without
 * VNNI add two of them in 16 bits (vpmaddubsw), which overflow where the integers have all 8 bits. ONNX Runtime
 * computes this from constants, once, when it loads the graph.
 */
function rangeOfIntegers(graph: Graph): { readonly largest: Value; readonly zeroPoint: Value } {
  const inputs = graph.constant('uint8', [1, 2], Uint8Array.of(255, 255));
  const weights = graph.constant('int8', [2, 1], Uint8Array.of(127, 127));
  const sum = reshape(
    singleOutput('MatMulInteger', [inputs, weights], { dataType: 'int32', shape: [1, 1] }),
    [],
  );
  const exact = graph.constant('int32', [], Int32Array.of(2 * 255 * 127));
  const isExact = equal(sum, exact);
  const byte = (value: number) => graph.constant('uint8', [], Uint8Array.of(value));
  return {
    largest: where(isExact, scalar(graph, 127), scalar(graph, 64)),
    zeroPoint: where(isExact, byte(128), byte(64)),
  };
}

/**
 * Where the products are multiplied by the rows' scales: by the kernel, or by a node of its own afterwards, with the same
 * bits, 3 to 10 % slower. That the kernel takes a scale for each row, shaped `[…, 1]`, is not documented: its definition
 * knows scales of tensors and of columns (ONNX Runtime 1.30, findings/onnxruntime-row-scales.sh).
 */
export type RowScaling = 'by-kernel' | 'afterwards';

/**
 * Product of rows `[…, in]` and a matrix of int8 integers `[in, out]` with a scale for each output, float32 `[out]`:
 * float32 `[…, out]`. Sums are exact, as long as no integer of the matrix is -128, so a row's result has the same bits
 * whatever the other rows are.
 */
export function quantizedRowsMatMul(
  rows: QuantizedRows,
  integers: Value,
  scales: Value,
  scaling: RowScaling = 'by-kernel',
): Value {
  const [inputs, outputs] = integers.shape;
  if (rows.integers.shape.at(-1) !== inputs || !sameShape(scales.shape, [outputs!])) {
    throw new CodedError(
      'shape',
      `MatMulIntegerToFloat: ${formatShape(rows.integers.shape)} and the quantised matrix ${formatShape(integers.shape)} do not multiply`,
    );
  }
  const product = (rowScales: Value) =>
    singleOutput(
      'MatMulIntegerToFloat',
      [rows.integers, integers, rowScales, scales, rows.zeroPoint],
      { dataType: 'float32', shape: rows.integers.shape.with(-1, outputs!) },
      {},
      'com.microsoft',
    );
  return scaling === 'by-kernel'
    ? product(rows.scales)
    : multiply(product(scalar(integers.graph, 1)), rows.scales);
}
