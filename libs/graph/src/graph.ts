import { CodedError } from '#libs/errors';
import { type Shape } from './shape.js';
import type { DataType, WeightLocation } from './weight-catalog.js';

/** A tensor in a graph. Its type and shape are known as soon as it exists; its elements only when the graph runs. */
export interface Value {
  readonly graph: Graph;
  readonly name: string;
  readonly dataType: DataType;
  readonly shape: Shape;
}

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly graph: Graph };

export type Attributes = Readonly<Record<string, Attribute>>;

/** ONNX's own operators, or the fused kernels that ONNX Runtime adds. */
export type OperatorDomain = '' | 'com.microsoft';

export interface Node {
  readonly operator: string;
  readonly domain: OperatorDomain;
  /** An optional input that is left out is undefined. */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

export interface OutputType {
  readonly dataType: DataType;
  readonly shape: Shape;
}

export type ConstantData =
  | Float32Array
  | Float64Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | Uint8Array;

export interface Constant {
  readonly value: Value;
  readonly data: ConstantData;
}

export interface GraphOutput {
  readonly name: string;
  readonly value: Value;
  /** A sequence holds the one tensor. */
  readonly kind: 'tensor' | 'sequence';
}

/**
 * A computation under construction: inputs, weights (which stay in their files), constants, and nodes in the
 * order they were added, which is a topological one because a node takes only values that exist.
 *
 * The body of a loop is a graph inside another, whose values its nodes may take too.
 */
export class Graph {
  readonly inputs: Value[] = [];
  readonly outputs: GraphOutput[] = [];
  readonly nodes: Node[] = [];
  readonly constants: Constant[] = [];
  readonly weights = new Map<string, { readonly value: Value; readonly location: WeightLocation }>();
  /** Of this graph and those around it: ONNX lets no name hide another. */
  private readonly names: Set<string>;

  /** @param outer the graph that this one is a part of */
  constructor(private readonly outer?: Graph) {
    this.names = outer?.names ?? new Set();
  }

  input(name: string, dataType: DataType, shape: Shape): Value {
    const value = this.value(name, { dataType, shape });
    this.inputs.push(value);
    return value;
  }

  /** A weight in a file; the same value each time it is asked for. */
  weight(name: string, location: WeightLocation): Value {
    if (this.outer) return this.outer.weight(name, location);
    const known = this.weights.get(name);
    if (known) return known.value;
    const value = this.value(name, location);
    this.weights.set(name, { value, location });
    return value;
  }

  /** A small tensor that is stored in the graph itself. */
  constant(dataType: DataType, shape: readonly number[], data: ConstantData): Value {
    const value = this.value(this.freshName('constant'), { dataType, shape });
    this.constants.push({ value, data });
    return value;
  }

  node(
    operator: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly OutputType[],
    attributes: Attributes = {},
    domain: OperatorDomain = '',
  ): Value[] {
    const stranger = inputs.find((value) => value && !this.isWithin(value.graph));
    if (stranger) throw new CodedError('graph', `${operator}: "${stranger.name}" belongs to another graph`);
    const values = outputs.map((type) => this.value(this.freshName(operator), type));
    this.nodes.push({ operator, domain, inputs, outputs: values, attributes });
    return values;
  }

  /**
   * Makes a value an output, which then goes by this name. Inputs, weights and constants, and values that are an
   * output already, are copied for it.
   */
  output(name: string, value: Value): void {
    const computed = this.nodes.some(({ outputs }) => outputs.includes(value));
    const taken = this.outputs.some((output) => output.value === value && output.kind === 'tensor');
    const own = computed && !taken ? value : this.node('Identity', [value], [value])[0]!;
    this.addOutput({ name, value: own, kind: 'tensor' });
  }

  /** Makes an output that is not a tensor but a sequence with one tensor in it. */
  sequenceOutput(name: string, value: Value): void {
    this.addOutput({ name, value, kind: 'sequence' });
  }

  /** Whether this graph is the other or a part of it, and so sees its values. */
  isWithin(other: Graph): boolean {
    return this === other || (this.outer?.isWithin(other) ?? false);
  }

  private addOutput(output: GraphOutput): void {
    this.claim(output.name);
    this.outputs.push(output);
  }

  private value(name: string, { dataType, shape }: OutputType): Value {
    this.claim(name);
    return { graph: this, name, dataType, shape };
  }

  private freshName(stem: string): string {
    return `${stem}_${this.names.size}`;
  }

  private claim(name: string): void {
    if (this.names.has(name)) throw new CodedError('graph', `The graph already has a value called "${name}"`);
    this.names.add(name);
  }
}

/** Adds a node with one output to the innermost graph of its inputs. */
export function singleOutput(
  operator: string,
  inputs: readonly [Value, ...(Value | undefined)[]],
  output: OutputType,
  attributes: Attributes = {},
  domain: OperatorDomain = '',
): Value {
  const graph = inputs.reduce(
    (innermost, input) => (input?.graph.isWithin(innermost) ? input.graph : innermost),
    inputs[0].graph,
  );
  const [value] = graph.node(operator, inputs, [output], attributes, domain);
  return value!;
}

/** @throws CodedError `shape` when a value has another number of dimensions. */
export function expectRank(operator: string, value: Value, rank: number): void {
  if (value.shape.length !== rank) {
    throw new CodedError(
      'shape',
      `${operator}: "${value.name}" must have ${rank} dimensions, not ${value.shape.length}`,
    );
  }
}
