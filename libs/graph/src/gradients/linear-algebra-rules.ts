import type { Value } from '../graph.js';
import { negate, reshape, rotaryEmbedding, transposedMatMul } from '../operators/index.js';
import { sumTo } from './broadcasting.js';
import type { GradientRule } from './rule.js';

export const linearAlgebraRules: Readonly<Record<string, GradientRule>> = {
  MatMul: ({ input, gradient }) => [
    () => sumTo(transposedMatMul(gradient(), input(1), { b: true }), input(0).shape),
    () =>
      input(1).shape.length === 2
        ? transposedMatMul(asMatrix(input(0)), asMatrix(gradient()), { a: true })
        : sumTo(transposedMatMul(input(0), gradient(), { a: true }), input(1).shape),
  ],

  /** The gradient of a rotation is turned back by the same angles. */
  RotaryEmbedding: ({ input, gradient }) => [
    () => rotaryEmbedding(gradient(), { cosines: input(2), sines: negate(input(3)) }),
  ],
};

/** `[…, width]` → `[rows, width]`: the product over all rows at once is the sum over the leading dimensions. */
function asMatrix(x: Value): Value {
  return x.shape.length === 2 ? x : reshape(x, ['rows', x.shape.at(-1)!]);
}
