import { singleOutput, type Value } from '../graph.js';
import { positiveAxis } from '../shape.js';
import { integers } from './constants.js';

function reduce(operator: string, x: Value, axes: readonly number[], keepDimensions: boolean): Value {
  const reduced = axes.map((axis) => positiveAxis(axis, x.shape.length));
  const shape = keepDimensions
    ? x.shape.map((size, axis) => (reduced.includes(axis) ? 1 : size))
    : x.shape.filter((_, axis) => !reduced.includes(axis));
  return singleOutput(
    operator,
    [x, integers(x.graph, reduced)],
    { dataType: x.dataType, shape },
    { keepdims: { int: keepDimensions ? 1 : 0 } },
  );
}

/** The sum over axes, which keep the size 1 unless told otherwise. */
export const reduceSum = (x: Value, axes: readonly number[], keepDimensions = true) =>
  reduce('ReduceSum', x, axes, keepDimensions);

/** The largest element over axes, which keep the size 1 unless told otherwise. */
export const reduceMax = (x: Value, axes: readonly number[], keepDimensions = true) =>
  reduce('ReduceMax', x, axes, keepDimensions);

/** The smallest element over axes, which keep the size 1 unless told otherwise. */
export const reduceMin = (x: Value, axes: readonly number[], keepDimensions = true) =>
  reduce('ReduceMin', x, axes, keepDimensions);

/** The mean over axes, which keep the size 1 unless told otherwise. */
export const reduceMean = (x: Value, axes: readonly number[], keepDimensions = true) =>
  reduce('ReduceMean', x, axes, keepDimensions);

/** Softmax over the last dimension. */
export const softmax = (x: Value) =>
  singleOutput('Softmax', [x], { dataType: x.dataType, shape: x.shape }, { axis: { int: -1 } });

/** The logarithm of softmax over the last dimension. */
export const logSoftmax = (x: Value) =>
  singleOutput('LogSoftmax', [x], { dataType: x.dataType, shape: x.shape }, { axis: { int: -1 } });
