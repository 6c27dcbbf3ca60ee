import { CodedError } from '#libs/errors';
import { type Node, type Value } from '../graph.js';
import {
  add,
  cast,
  divide,
  erf as erfOf,
  exp,
  greater,
  multiply,
  negate,
  scalar,
  sigmoid,
  subtract,
  where,
} from '../operators/index.js';
import { stretchTo, sumTo } from './broadcasting.js';
import type { Differentiation, GradientRule } from './rule.js';

/** A rule for y = f(x): the gradient by x is the gradient by y times f'(x). */
const scaledBy =
  (derivative: (x: Value, y: Value) => Value): GradientRule =>
  ({ input, output, gradient }) => [() => multiply(gradient(), derivative(input(0), output()))];

/** A rule for two operands that may have been broadcast. */
const broadcast =
  (rule: (at: Differentiation) => [() => Value, () => Value]): GradientRule =>
  (at) =>
    rule(at).map((gradientOf, index) => () => sumTo(gradientOf(), at.input(index).shape));

const oneMinus = (x: Value) => subtract(scalar(x.graph, 1), x);

/** d/dx erf(x) = 2/√π · exp(-x²) */
const erfDerivative = (x: Value) =>
  multiply(exp(negate(multiply(x, x))), scalar(x.graph, 2 / Math.sqrt(Math.PI)));

/** GELU(x) = x Φ(x), with the normal distribution's Φ and density φ: Φ(x) + x φ(x). */
function geluDerivative(x: Value): Value {
  const { graph } = x;
  const cumulative = multiply(
    add(erfOf(multiply(x, scalar(graph, Math.SQRT1_2))), scalar(graph, 1)),
    scalar(graph, 0.5),
  );
  const density = multiply(
    exp(multiply(multiply(x, x), scalar(graph, -0.5))),
    scalar(graph, 1 / Math.sqrt(2 * Math.PI)),
  );
  return add(cumulative, multiply(x, density));
}

/** y = x σ(α x): σ(α x) + α y (1 - σ(α x)). SiLU has α = 1. */
const quickGelu: GradientRule = ({ node, input, output, gradient }) => [
  () => {
    const alpha = scalar(input(0).graph, floatAttribute(node, 'alpha'));
    const gate = sigmoid(multiply(alpha, input(0)));
    const derivative = add(gate, multiply(alpha, multiply(output(), oneMinus(gate))));
    return multiply(gradient(), derivative);
  },
];

function floatAttribute({ operator, attributes }: Node, name: string): number {
  const attribute = attributes[name];
  if (attribute && 'float' in attribute) return attribute.float;
  throw new CodedError('graph', `${operator} has no number ${name}.`);
}

export const elementwiseRules: Readonly<Record<string, GradientRule>> = {
  Add: broadcast(({ gradient }) => [gradient, gradient]),
  Sub: broadcast(({ gradient }) => [gradient, () => negate(gradient())]),
  Mul: broadcast(({ input, gradient }) => [
    () => multiply(gradient(), input(1)),
    () => multiply(gradient(), input(0)),
  ]),
  Div: broadcast(({ input, output, gradient }) => [
    () => divide(gradient(), input(1)),
    () => negate(divide(multiply(gradient(), output()), input(1))),
  ]),
  Neg: ({ gradient }) => [() => negate(gradient())],
  Sqrt: scaledBy((_, y) => divide(scalar(y.graph, 0.5), y)),
  Exp: scaledBy((_, y) => y),
  Erf: scaledBy(erfDerivative),
  Relu: scaledBy((_, y) => cast(greater(y, scalar(y.graph, 0)), y.dataType)),
  Sigmoid: scaledBy((_, y) => multiply(y, oneMinus(y))),
  Gelu: scaledBy(geluDerivative),
  QuickGelu: quickGelu,
  Cast: ({ input, gradient }) => [() => cast(gradient(), input(0).dataType)],
  Where({ input, gradient }) {
    const chosen = (first: boolean) => () => {
      const zeros = stretchTo(scalar(gradient().graph, 0), gradient());
      const kept = first ? where(input(0), gradient(), zeros) : where(input(0), zeros, gradient());
      return sumTo(kept, input(first ? 1 : 2).shape);
    };
    return [undefined, chosen(true), chosen(false)];
  },
};
