import type { Value } from '../graph.js';
import { expand, reduceSum, reshape, scalar, shapeOf } from '../operators/index.js';
import { type Shape, sameShape } from '../shape.js';

/** The gradient of a value that was stretched by broadcasting: summed over what it was stretched to. */
export function sumTo(gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) return gradient;
  const added = gradient.shape.length - shape.length;
  const leading = Array.from({ length: added }, (_, axis) => axis);
  const whole = added > 0 ? reduceSum(gradient, leading, false) : gradient;
  const stretched = shape.flatMap((size, axis) => (size === 1 && whole.shape[axis] !== 1 ? [axis] : []));
  return stretched.length > 0 ? reduceSum(whole, stretched) : whole;
}

/** A value stretched to the shape of another. */
export const stretchTo = (x: Value, like: Value): Value =>
  sameShape(x.shape, like.shape) ? x : expand(x, shapeOf(like), like.shape);

/** Zeros in the shape of a value. */
export const zerosLike = (x: Value): Value => stretchTo(scalar(x.graph, 0), x);

/** Puts back, with size 1, the axes that a reduction took out. */
export function restoreAxes(x: Value, axes: readonly number[], original: Shape): Value {
  const shape = original.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return sameShape(x.shape, shape) ? x : reshape(x, shape);
}
