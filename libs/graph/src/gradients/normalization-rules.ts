import type { Node, Value } from '../graph.js';
import { add, divide, multiply, reduceMean, scalar, sqrt, subtract } from '../operators/index.js';
import { sumTo } from './broadcasting.js';
import type { GradientRule } from './rule.js';

export const normalizationRules: Readonly<Record<string, GradientRule>> = {
  LayerNormalization({ node, input, gradient }) {
    const [x, weight, bias] = [input(0), input(1), input(2)];
    const centred = once(() => subtract(x, reduceMean(x, [-1])));
    const scale = once(() => inverseRootMeanSquare(centred(), epsilonOf(node)));
    const normalized = once(() => multiply(centred(), scale()));
    return [
      () => {
        const weighted = multiply(gradient(), weight);
        const centredGradient = subtract(weighted, reduceMean(weighted, [-1]));
        const along = multiply(normalized(), reduceMean(multiply(weighted, normalized()), [-1]));
        return multiply(scale(), subtract(centredGradient, along));
      },
      () => sumTo(multiply(gradient(), normalized()), weight.shape),
      () => sumTo(gradient(), bias.shape),
    ];
  },

  SimplifiedLayerNormalization({ node, input, gradient }) {
    const rules = rmsNormGradients(input(0), input(1), epsilonOf(node), gradient);
    return [rules.input, rules.weight];
  },

  /** Outputs: the norm first, the sum fourth. Both summands get the gradient of the sum. */
  SkipSimplifiedLayerNormalization({ node, input, output, gradient }) {
    const sum = output(3);
    const rules = rmsNormGradients(sum, input(2), epsilonOf(node), () => gradient(0));
    const both = once(() => add(gradient(3), rules.input()));
    return [both, both, rules.weight];
  },
};

/** RMSNorm y = x r w with r = 1 / √(mean(x²) + ε). */
function rmsNormGradients(x: Value, weight: Value, epsilon: number, gradient: () => Value) {
  const scale = once(() => inverseRootMeanSquare(x, epsilon));
  const normalized = once(() => multiply(x, scale()));
  return {
    input: () => {
      const weighted = multiply(gradient(), weight);
      const along = multiply(normalized(), reduceMean(multiply(weighted, normalized()), [-1]));
      return multiply(scale(), subtract(weighted, along));
    },
    weight: () => sumTo(multiply(gradient(), normalized()), weight.shape),
  };
}

function inverseRootMeanSquare(x: Value, epsilon: number): Value {
  const meanSquare = reduceMean(multiply(x, x), [-1]);
  return divide(scalar(x.graph, 1), sqrt(add(meanSquare, scalar(x.graph, epsilon))));
}

function epsilonOf({ operator, attributes }: Node): number {
  const { epsilon } = attributes;
  if (!epsilon || !('float' in epsilon)) throw new Error(`${operator} has no epsilon`);
  return epsilon.float;
}

/** Adds nodes at the first call and gives the same value at every further one. */
function once(build: () => Value): () => Value {
  let value: Value | undefined;
  return () => {
    value ??= build();
    return value;
  };
}
