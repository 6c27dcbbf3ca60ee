import { CodedError } from '#libs/errors';
/** A size known when the graph is built, or the name of one that is known when it runs. */
export type Dimension = number | string;
export type Shape = readonly Dimension[];

export const formatShape = (shape: Shape) => `[${shape.join(', ')}]`;

export const sameShape = (a: Shape, b: Shape) =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

/** The axis counted from the front: -1 is the last of `rank`. */
export function positiveAxis(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= rank) {
    throw new CodedError('shape', `There is no axis ${axis} among ${rank} dimensions`);
  }
  return positive;
}

/**
 * The shape of an element-wise operation on two tensors (ONNX, "Broadcasting"): missing leading dimensions
 * and those of size 1 stretch.
 */
export function broadcastShapes(a: Shape, b: Shape, operator: string): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new CodedError('shape', `${operator}: ${formatShape(a)} and ${formatShape(b)} do not broadcast`);
  });
}

/** How many elements a shape without names has. */
export function elementCount(shape: Shape): number {
  return shape.reduce<number>((product, size) => {
    if (typeof size === 'string')
      throw new CodedError('shape', `The size of ${formatShape(shape)} is not known`);
    return product * size;
  }, 1);
}
