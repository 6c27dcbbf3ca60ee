import { CodedError } from '#libs/errors';
import type { Graph, Value } from '../graph.js';
import { elementCount, formatShape } from '../shape.js';

/** A constant float32 tensor. */
export function floats(graph: Graph, shape: readonly number[], values: ArrayLike<number>): Value {
  if (values.length !== elementCount(shape)) {
    throw new CodedError('shape', `${values.length} numbers cannot have the shape ${formatShape(shape)}`);
  }
  return graph.constant('float32', shape, Float32Array.from(values));
}

/** A constant float32 number without dimensions. */
export const scalar = (graph: Graph, value: number): Value => floats(graph, [], [value]);

/** A constant float64 number without dimensions. */
export const exactScalar = (graph: Graph, value: number): Value =>
  graph.constant('float64', [], Float64Array.of(value));

/** A constant int64 vector, as ONNX takes axes, shapes and indices. */
export const integers = (graph: Graph, values: readonly number[]): Value =>
  graph.constant('int64', [values.length], BigInt64Array.from(values, BigInt));

/** A constant int64 number without dimensions. */
export const integer = (graph: Graph, value: number): Value =>
  graph.constant('int64', [], BigInt64Array.of(BigInt(value)));
