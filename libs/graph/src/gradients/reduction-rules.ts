import type { Node, Value } from '../graph.js';
import { exp, multiply, reduceSum, scalar, subtract } from '../operators/index.js';
import { ShapeError } from '../shape.js';
import { restoreAxes, stretchTo } from './broadcasting.js';
import type { Differentiation, GradientRule } from './rule.js';

export const reductionRules: Readonly<Record<string, GradientRule>> = {
  ReduceSum: (at) => [() => spread(at)],

  ReduceMean: (at) => [
    () => {
      const { shape, graph } = at.input(0);
      const count = reducedAxes(at.node).reduce<number>((product, axis) => {
        const size = shape[axis]!;
        if (typeof size === 'string')
          throw new ShapeError(`ReduceMean: no gradient over the open axis ${size}`);
        return product * size;
      }, 1);
      return multiply(spread(at), scalar(graph, 1 / count));
    },
  ],

  Softmax: ({ node, gradient }) => [
    () => {
      const y = node.outputs[0]!;
      const weighted = multiply(gradient(), y);
      return subtract(weighted, multiply(y, reduceSum(weighted, [-1])));
    },
  ],

  LogSoftmax: ({ node, gradient }) => [
    () => subtract(gradient(), multiply(exp(node.outputs[0]!), reduceSum(gradient(), [-1]))),
  ],
};

/** Every element that went into a sum gets the gradient of the sum. */
function spread({ node, input, gradient }: Differentiation): Value {
  return stretchTo(restoreAxes(gradient(), reducedAxes(node), input(0).shape), input(0));
}

function reducedAxes({ operator, inputs }: Node): number[] {
  const axes = inputs[1];
  const constant = axes?.graph.constants.find(({ value }) => value === axes);
  if (!constant || !(constant.data instanceof BigInt64Array)) {
    throw new ShapeError(
      `${operator}: there is a gradient only for axes that are known when the graph is built`,
    );
  }
  return Array.from(constant.data, Number);
}
