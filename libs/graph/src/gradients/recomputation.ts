import { CodedError } from '#libs/errors';
import { type Graph, type Node, type Value } from '../graph.js';
import { add, multiply, reduceSum, scalar } from '../operators/index.js';

/**
 * Computes values of the forward pass a second time, when the backward pass needs them, so that the first ones need
 * not be kept until then (Chen et al., 2016, "Training Deep Nets with Sublinear Memory Cost").
 */
export class Recomputation {
  private readonly twins = new Map<Value, Value>();
  private readonly producers: ReadonlyMap<Value, Node>;

  /**
   * @param nodes the stretch of the forward pass to compute again
   * @param varying only what depends on the wanted values is computed again
   * @param gradient a gradient that the backward pass has when it reaches the stretch; the second computation waits
   * for it, or it would be done at once and kept as well
   */
  constructor(
    nodes: readonly Node[],
    private readonly varying: ReadonlySet<Value>,
    private readonly gradient: Value,
  ) {
    this.producers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  }

  /** The value computed anew where it belongs to the stretch; what comes from before it was kept. */
  of(value: Value): Value {
    const known = this.twins.get(value);
    if (known) return known;
    const producer = this.producers.get(value);
    if (!producer || !this.varying.has(value)) return value;
    const inputs = producer.inputs.map((input) => input && this.inputOf(input));
    const again = value.graph.node(
      producer.operator,
      inputs,
      producer.outputs,
      producer.attributes,
      producer.domain,
    );
    for (const [index, output] of producer.outputs.entries()) this.twins.set(output, again[index]!);
    return this.twins.get(value)!;
  }

  private inputOf(input: Value): Value {
    const fromBefore = this.varying.has(input) && !this.producers.has(input);
    if (!fromBefore) return this.of(input);
    const known = this.twins.get(input);
    if (known) return known;
    const waiting = add(input, this.zero(input.graph));
    this.twins.set(input, waiting);
    return waiting;
  }

  /** A zero that is there only once the gradient is; without it the runtime would find both computations the same. */
  private zero(graph: Graph): Value {
    const axes = this.gradient.shape.map((_, axis) => axis);
    return multiply(reduceSum(this.gradient, axes, false), scalar(graph, 0));
  }
}

/** The forward pass in stretches, each of which ends with the node that computes one of the values. */
export function stretchesUpTo(nodes: readonly Node[], ends: readonly Value[]): Node[][] {
  const stretches: Node[][] = [[]];
  const missing = new Set(ends);
  for (const node of nodes) {
    stretches.at(-1)!.push(node);
    if (!node.outputs.some((output) => missing.delete(output))) continue;
    stretches.push([]);
  }
  const [stranger] = missing;
  if (stranger) throw new CodedError('graph', `"${stranger.name}" is not computed in the forward pass`);
  return stretches;
}
