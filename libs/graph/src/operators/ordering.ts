import { CodedError } from '#libs/errors';
import { singleOutput, type Value } from '../graph.js';
import { integer, integers } from './constants.js';

/** Where the largest element of each last dimension is, the first of equal ones: `[…, n]` → int64 `[…, 1]`. */
export function argMax(x: Value): Value {
  return singleOutput(
    'ArgMax',
    [x],
    { dataType: 'int64', shape: x.shape.with(-1, 1) },
    { axis: { int: -1 }, keepdims: { int: 1 } },
  );
}

/**
 * The elements of each last dimension from the largest down, equal ones in their order, and the int64 indices they
 * had. The dimension's size must be known.
 */
export function sortDescending(x: Value): { sorted: Value; indices: Value } {
  const size = x.shape.at(-1);
  if (typeof size !== 'number') throw new CodedError('shape', `TopK: how many "${x.name}" has is not known`);
  const [sorted, indices] = x.graph.node(
    'TopK',
    [x, integers(x.graph, [size])],
    [
      { dataType: x.dataType, shape: x.shape },
      { dataType: 'int64', shape: x.shape },
    ],
    { axis: { int: -1 } },
  );
  return { sorted: sorted!, indices: indices! };
}

/** Each element plus all before it in the last dimension, or only those before it. */
export function cumulativeSum(x: Value, { exclusive = false } = {}): Value {
  return singleOutput(
    'CumSum',
    [x, integer(x.graph, -1)],
    { dataType: x.dataType, shape: x.shape },
    { exclusive: { int: exclusive ? 1 : 0 } },
  );
}
