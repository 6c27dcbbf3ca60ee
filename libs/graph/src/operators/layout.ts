import { CodedError } from '#libs/errors';
import { singleOutput, type Value } from '../graph.js';
import { type Dimension, formatShape, positiveAxis, type Shape } from '../shape.js';
import { integer, integers } from './constants.js';

/**
 * Gives the same elements another shape. Open dimensions may stay where they are, and one more may be
 * worked out from the others.
 */
export function reshape(x: Value, shape: Shape): Value {
  const open = (size: Dimension, axis: number) => typeof size === 'string' && size !== x.shape[axis];
  const fixed = (sizes: Shape) =>
    sizes.reduce<number>((product, size) => (typeof size === 'number' ? product * size : product), 1);
  const closed = [...x.shape, ...shape].every((size) => typeof size === 'number');
  if (shape.filter(open).length > 1 || (closed && fixed(x.shape) !== fixed(shape))) {
    throw new CodedError('shape', `Reshape: ${formatShape(x.shape)} cannot become ${formatShape(shape)}`);
  }
  // In ONNX 0 keeps the input's size at that place and -1 stands for whatever is left.
  const target = shape.map((size, axis) => (typeof size === 'number' ? size : open(size, axis) ? -1 : 0));
  return singleOutput('Reshape', [x, integers(x.graph, target)], { dataType: x.dataType, shape });
}

/** Reorders the dimensions: the output's axis i is the input's axis `order[i]`. */
export function transpose(x: Value, order: readonly number[]): Value {
  if (order.length !== x.shape.length || new Set(order).size !== order.length) {
    throw new CodedError('shape', `Transpose: [${order.join(', ')}] does not order ${formatShape(x.shape)}`);
  }
  const shape = order.map((axis) => x.shape[positiveAxis(axis, order.length)]!);
  return singleOutput('Transpose', [x], { dataType: x.dataType, shape }, { perm: { ints: order } });
}

/** Joins tensors along one axis; `size` names its length where it is open. */
export function concatenate(values: readonly [Value, ...Value[]], axis: number, size?: string): Value {
  const [first] = values;
  const along = positiveAxis(axis, first.shape.length);
  for (const { shape } of values) {
    if (
      shape.length !== first.shape.length ||
      shape.some((length, i) => i !== along && length !== first.shape[i])
    ) {
      throw new CodedError(
        'shape',
        `Concat: ${formatShape(first.shape)} and ${formatShape(shape)} differ beside axis ${along}`,
      );
    }
  }
  const total = values.reduce((sum, { shape }) => sum + Number(shape[along]), 0);
  const joined = size ?? total;
  if (typeof joined === 'number' && Number.isNaN(joined)) {
    throw new CodedError('shape', 'Concat: the joined axis is open and needs a name');
  }
  return singleOutput(
    'Concat',
    values,
    { dataType: first.dataType, shape: first.shape.with(along, joined) },
    { axis: { int: along } },
  );
}

/** Cuts an axis into pieces of the given sizes. */
export function split(x: Value, axis: number, sizes: readonly number[]): Value[] {
  const along = positiveAxis(axis, x.shape.length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (x.shape[along] !== total) {
    throw new CodedError(
      'shape',
      `Split: the pieces ${formatShape(sizes)} do not add up to axis ${along} of ${formatShape(x.shape)}`,
    );
  }
  return splitBy(x, along, integers(x.graph, sizes), sizes);
}

/** Cuts an axis into pieces whose lengths, an int64 vector, may be known only when the graph runs. */
export function splitBy(x: Value, axis: number, lengths: Value, sizes: Shape): Value[] {
  const along = positiveAxis(axis, x.shape.length);
  const outputs = sizes.map((size) => ({ dataType: x.dataType, shape: x.shape.with(along, size) }));
  return x.graph.node('Split', [x, lengths], outputs, { axis: { int: along } });
}

/** Elements `start` to `end` of one axis, whose length is then called `size`. */
export function slice(x: Value, axis: number, start: Value, end: Value, size: Dimension): Value {
  const along = positiveAxis(axis, x.shape.length);
  const shape = x.shape.with(along, size);
  return singleOutput('Slice', [x, start, end, integers(x.graph, [along])], { dataType: x.dataType, shape });
}

/** Elements `start` to `end` of one axis, both known. */
export function sliceBetween(x: Value, axis: number, start: number, end: number): Value {
  return slice(x, axis, integers(x.graph, [start]), integers(x.graph, [end]), end - start);
}

/** Puts zeros before and after the elements of an axis, as many as int64 vectors of one element say. */
export function padBy(x: Value, axis: number, before: Value, after: Value, size: Dimension): Value {
  const rank = x.shape.length;
  const along = positiveAxis(axis, rank);
  // Pad could be told the one axis, but ONNX Runtime 1.30's optimizer takes such pads for those of all axes.
  const none = (axes: number) => integers(x.graph, Array<number>(axes).fill(0));
  const [front, behind] = [none(along), none(rank - along - 1)];
  const pads = concatenate([front, before, behind, front, after, behind], 0);
  return singleOutput('Pad', [x, pads], { dataType: x.dataType, shape: x.shape.with(along, size) });
}

/** Puts zeros before and after the elements of an axis. */
export function padAround(x: Value, axis: number, before: number, after: number): Value {
  const along = positiveAxis(axis, x.shape.length);
  const size = Number(x.shape[along]) + before + after;
  if (before < 0 || after < 0 || Number.isNaN(size)) {
    throw new CodedError(
      'shape',
      `Pad: axis ${axis} of ${formatShape(x.shape)} cannot get ${before} + ${after} zeros`,
    );
  }
  return padBy(x, along, integers(x.graph, [before]), integers(x.graph, [after]), size);
}

/** Appends zeros to the last dimension until it is `size` long. */
export const padEnd = (x: Value, size: number): Value => padAround(x, -1, 0, size - Number(x.shape.at(-1)));

/** Stretches dimensions of size 1: ONNX Expand. `target` is the shape as an int64 vector. */
export function expand(x: Value, target: Value, shape: Shape): Value {
  return singleOutput('Expand', [x, target], { dataType: x.dataType, shape });
}

/** The sizes of a tensor's dimensions as an int64 vector, or of those between two axes. */
export function shapeOf(x: Value, start = 0, end = x.shape.length): Value {
  return singleOutput(
    'Shape',
    [x],
    { dataType: 'int64', shape: [end - start] },
    { start: { int: start }, end: { int: end } },
  );
}

/** The numbers from 0 to below `end`, an int64 vector of one element. */
export function range(end: Value, size: Dimension): Value {
  const { graph } = end;
  return singleOutput('Range', [integer(graph, 0), reshape(end, []), integer(graph, 1)], {
    dataType: 'int64',
    shape: [size],
  });
}
