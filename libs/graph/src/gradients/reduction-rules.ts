import { CodedError } from '#libs/errors';
import type { Node, Value } from '../graph.js';
import { cast, divide, exp, multiply, reduceSum, scalar, shapeOf, subtract } from '../operators/index.js';
import { restoreAxes, stretchTo } from './broadcasting.js';
import type { Differentiation, GradientRule } from './rule.js';

export const reductionRules: Readonly<Record<string, GradientRule>> = {
  ReduceSum: (at) => [() => spread(at)],

  ReduceMean: (at) => [
    () => reducedAxes(at.node).reduce((share, axis) => divide(share, sizeOf(at.input(0), axis)), spread(at)),
  ],

  Softmax: ({ output, gradient }) => [
    () => {
      const y = output();
      const weighted = multiply(gradient(), y);
      return subtract(weighted, multiply(y, reduceSum(weighted, [-1])));
    },
  ],

  LogSoftmax: ({ output, gradient }) => [
    () => subtract(gradient(), multiply(exp(output()), reduceSum(gradient(), [-1]))),
  ],
};

/** The length of an axis as a float32 value, also where it is known only at run time. */
function sizeOf(x: Value, axis: number): Value {
  const size = x.shape[axis]!;
  return typeof size === 'number' ? scalar(x.graph, size) : cast(shapeOf(x, axis, axis + 1), 'float32');
}

/** Every element that went into a sum gets the gradient of the sum. */
function spread({ node, input, gradient }: Differentiation): Value {
  return stretchTo(restoreAxes(gradient(), reducedAxes(node), input(0).shape), input(0));
}

function reducedAxes({ operator, inputs }: Node): number[] {
  const axes = inputs[1];
  const constant = axes?.graph.constants.find(({ value }) => value === axes);
  if (!constant || !(constant.data instanceof BigInt64Array)) {
    throw new CodedError(
      'shape',
      `${operator}: there is a gradient only for axes that are known when the graph is built`,
    );
  }
  return Array.from(constant.data, Number);
}
