import { CodedError } from '#libs/errors';
import type { Graph, Node, Value } from '../graph.js';
import {
  add,
  concatenate,
  padBy,
  reshape,
  scatterAddRows,
  scatterLast,
  shapeOf,
  slice,
  sliceBetween,
  splitBy,
  subtract,
  transpose,
} from '../operators/index.js';
import { sumTo, zerosLike } from './broadcasting.js';
import type { GradientRule } from './rule.js';

export const layoutRules: Readonly<Record<string, GradientRule>> = {
  Reshape: ({ input, gradient }) => [() => reshapeLike(gradient(), input(0))],

  Transpose: ({ node, gradient }) => [
    () => {
      const order = integersAttribute(node, 'perm');
      return transpose(
        gradient(),
        order.map((_, axis) => order.indexOf(axis)),
      );
    },
  ],

  Concat({ node, input, gradient }) {
    const axis = integerAttribute(node, 'axis');
    const sizes = node.inputs.map((_, index) => input(index).shape[axis]!);
    let pieces: Value[] | undefined;
    const pieceOf = (index: number) => {
      const inputs = node.inputs.map((_, place) => input(place));
      pieces ??= splitBy(gradient(), axis, lengthsAlong(inputs, axis), sizes);
      return pieces[index]!;
    };
    return node.inputs.map((_, index) => () => pieceOf(index));
  },

  Split: ({ node, gradient }) => [
    () => {
      const [first, ...rest] = node.outputs.map((_, index) => gradient(index));
      return concatenate([first!, ...rest], integerAttribute(node, 'axis'));
    },
  ],

  /** The bounds count from the front; they may be known only at run time, and the end may lie beyond the axis. */
  Slice: ({ input, output, gradient }) => [
    () => {
      const [x, start, axis] = [input(0), input(1), constantInteger(input(3))];
      const [whole, part] = [x, output()].map((value) => shapeOf(value, axis, axis + 1)) as [Value, Value];
      return padBy(gradient(), axis, start, subtract(whole, add(start, part)), x.shape[axis]!);
    },
  ],

  Pad: ({ node, input, gradient }) => [
    () => {
      const [x, pads, padded] = [input(0), input(1), node.outputs[0]!.shape];
      const axis = padded.findIndex((size, along) => size !== x.shape[along]);
      if (axis < 0) return gradient();
      const before = sliceBetween(pads, 0, axis, axis + 1);
      const end = add(before, shapeOf(x, axis, axis + 1));
      return slice(gradient(), axis, before, end, x.shape[axis]!);
    },
  ],

  Expand: ({ input, gradient }) => [() => sumTo(gradient(), input(0).shape)],

  Gather: ({ input, gradient }) => [
    () => {
      const indices = input(1);
      const single = reshape(indices, [...indices.shape, 1]);
      return scatterAddRows(zerosLike(input(0)), single, gradient());
    },
  ],

  GatherElements: ({ input, gradient }) => [() => scatterLast(zerosLike(input(0)), input(1), gradient())],
};

/** Reshapes through the sizes found at run time, so that any number of dimensions may be open. */
function reshapeLike(x: Value, like: Value): Value {
  const { graph } = x;
  const [reshaped] = graph.node('Reshape', [x, shapeOf(like)], [{ dataType: x.dataType, shape: like.shape }]);
  return reshaped!;
}

/** The lengths of values along an axis, one after the other. */
function lengthsAlong(values: readonly Value[], axis: number): Value {
  const lengths = values.map((value) => shapeOf(value, axis, axis + 1));
  const [first, ...rest] = lengths;
  return concatenate([first!, ...rest], 0);
}

function integerAttribute({ operator, attributes }: Node, name: string): number {
  const attribute = attributes[name];
  if (!attribute || !('int' in attribute)) throw new Error(`${operator} has no integer "${name}"`);
  return attribute.int;
}

function integersAttribute({ operator, attributes }: Node, name: string): readonly number[] {
  const attribute = attributes[name];
  if (!attribute || !('ints' in attribute)) throw new Error(`${operator} has no integers "${name}"`);
  return attribute.ints;
}

function constantInteger(value: Value): number {
  const constant = findConstant(value.graph, value);
  if (!constant || !(constant.data instanceof BigInt64Array)) {
    throw new CodedError(
      'shape',
      'There is a gradient only along an axis that is known when the graph is built',
    );
  }
  return Number(constant.data[0]);
}

const findConstant = (graph: Graph, value: Value) =>
  graph.constants.find((constant) => constant.value === value);
