import { CodedError } from '#libs/errors';
import { type Node, type Value } from '../graph.js';
import { add, scalar } from '../operators/index.js';
import { formatShape } from '../shape.js';
import { zerosLike } from './broadcasting.js';
import { elementwiseRules } from './elementwise-rules.js';
import { layoutRules } from './layout-rules.js';
import { linearAlgebraRules } from './linear-algebra-rules.js';
import { normalizationRules } from './normalization-rules.js';
import { Recomputation, stretchesUpTo } from './recomputation.js';
import { reductionRules } from './reduction-rules.js';
import type { GradientRule } from './rule.js';

const rules: Readonly<Record<string, GradientRule>> = {
  ...elementwiseRules,
  ...layoutRules,
  ...linearAlgebraRules,
  ...normalizationRules,
  ...reductionRules,
};

export interface GradientOptions {
  /**
   * Values at which the forward pass is cut into stretches. The backward pass computes each stretch but the last
   * again from what was there at its start, so that only that has to be kept: less memory for more work.
   */
  readonly recomputeFrom?: readonly Value[];
}

/**
 * Reverse-mode differentiation: adds to the graph the nodes that compute the gradients of a loss, a number, by
 * values it depends on, and returns those gradients in the same order and shapes. Only what lies between the
 * values and the loss is differentiated.
 *
 * @throws CodedError `graph` when the loss does not depend on a value or an operator between them has no gradient rule.
 */
export function gradients(
  loss: Value,
  values: readonly Value[],
  { recomputeFrom = [] }: GradientOptions = {},
): Value[] {
  if (loss.shape.length > 0) {
    throw new CodedError(
      'shape',
      `Only a number has gradients, but the loss has the shape ${formatShape(loss.shape)}`,
    );
  }
  const { graph } = loss;
  const forward = [...graph.nodes];
  const varying = dependents(forward, values);
  const known = new Map<Value, Value>([[loss, scalar(graph, 1)]]);
  for (const stretch of stretchesUpTo(forward, recomputeFrom).toReversed()) {
    const gradientAtEnd = known.get(lastOutput(stretch) ?? loss);
    const again =
      gradientAtEnd && stretch.at(-1) !== forward.at(-1)
        ? new Recomputation(stretch, varying, gradientAtEnd)
        : undefined;
    for (const node of stretch.toReversed()) {
      if (!node.outputs.some((output) => known.has(output) && varying.has(output))) continue;
      for (const [input, gradient] of inputGradients(node, known, varying, again)) {
        const sum = known.get(input);
        known.set(input, sum ? add(sum, gradient) : gradient);
      }
    }
  }
  return values.map((value) => {
    const gradient = known.get(value);
    if (!gradient) throw new CodedError('graph', `The loss does not depend on "${value.name}"`);
    return gradient;
  });
}

const lastOutput = (stretch: readonly Node[]) => stretch.at(-1)?.outputs[0];

/** The values and all that varies smoothly with them: shapes, indices and conditions do not. */
function dependents(nodes: readonly Node[], values: readonly Value[]): ReadonlySet<Value> {
  const varying = new Set(values);
  for (const { inputs, outputs } of nodes) {
    if (!inputs.some((input) => input && varying.has(input))) continue;
    for (const output of outputs) if (isContinuous(output)) varying.add(output);
  }
  return varying;
}

const isContinuous = ({ dataType }: Value) => dataType === 'float32' || dataType === 'float16';

function inputGradients(
  node: Node,
  known: ReadonlyMap<Value, Value>,
  varying: ReadonlySet<Value>,
  again: Recomputation | undefined,
): (readonly [Value, Value])[] {
  const rule = rules[node.operator];
  if (!rule) throw new CodedError('graph', `There is no gradient rule for the operator ${node.operator}`);
  const byInput = rule({
    node,
    input(index) {
      const value = node.inputs[index];
      if (!value) throw new CodedError('graph', `${node.operator} was given no input ${index}`);
      return again?.of(value) ?? value;
    },
    output(index = 0) {
      const value = node.outputs[index]!;
      return again?.of(value) ?? value;
    },
    gradient(index = 0) {
      const output = node.outputs[index]!;
      return known.get(output) ?? zerosLike(again?.of(output) ?? output);
    },
  });
  return node.inputs.flatMap((input, index) => {
    const gradient = byInput[index];
    return input && gradient && varying.has(input) ? [[input, gradient()] as const] : [];
  });
}
