import { InferenceSession, Tensor } from '#libs/onnx-runtime';

import { Graph, type Value } from '../graph.js';
import * as operators from '../operators/index.js';
import { serialize } from '../serialize.js';
import type { Shape } from '../shape.js';
import { gradients } from './gradients.js';

const { add, floats, integers, multiply, reduceSum } = operators;

/** Numbers between low and high without a pattern, the same at every run. */
function numbers(count: number, [low, high]: readonly [number, number], seed: number): Float32Array {
  let state = seed + 17;
  return Float32Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return low + (high - low) * (state / 2 ** 31);
  });
}

const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

interface Case {
  readonly inputs: readonly (readonly number[])[];
  readonly apply: (...inputs: Value[]) => Value | readonly Value[];
  readonly between?: readonly [number, number];
  /** What the inputs' shapes are called when the graph is built, where they are not known before it runs. */
  readonly shapes?: readonly Shape[];
}

/** A number in which every element of every result counts, each with a weight of its own. */
function lossOf(results: readonly Value[]): Value {
  const parts = results.map((result, index) => {
    const shape = result.shape.map(Number);
    const weights = floats(result.graph, shape, numbers(elements(shape), [0.5, 1.5], index + 100));
    return reduceSum(
      multiply(result, weights),
      shape.map((_, axis) => axis),
      false,
    );
  });
  return parts.reduce((sum, part) => add(sum, part));
}

async function expectGradients({ inputs, apply, between = [-1, 1], shapes = inputs }: Case): Promise<void> {
  const graph = new Graph();
  const values = shapes.map((shape, index) => graph.input(`x${index}`, 'float32', shape));
  const loss = lossOf([apply(...values)].flat());
  for (const [index, gradient] of gradients(loss, values).entries()) {
    expect(gradient.shape).toEqual(shapes[index]);
    graph.output(`gradient${index}`, gradient);
  }
  graph.output('loss', loss);
  const session = await InferenceSession.create(serialize(graph));

  const data = inputs.map((shape, index) => numbers(elements(shape), between, index));
  const run = () =>
    session.run(
      Object.fromEntries(data.map((x, index) => [`x${index}`, new Tensor('float32', x, inputs[index]!)])),
    );
  const computed = await run();
  const step = 1e-2;
  for (const [index, x] of data.entries()) {
    const actual = computed[`gradient${index}`]!.data as Float32Array;
    for (const [place, value] of x.entries()) {
      const lossAt = async (shifted: number) => {
        x[place] = shifted;
        const { loss } = await run();
        x[place] = value;
        return Number(loss!.data[0]);
      };
      const slope = ((await lossAt(value + step)) - (await lossAt(value - step))) / (2 * step);
      expect(Math.abs(actual[place]! - slope)).toBeLessThan(4e-3 * Math.max(1, Math.abs(slope)));
    }
  }
  await session.release();
}

const cases: Record<string, Case> = {
  'a sum': {
    inputs: [
      [2, 3],
      [2, 3],
    ],
    apply: operators.add,
  },
  'a sum with a vector': { inputs: [[2, 3], [3]], apply: operators.add },
  'a sum with a column': {
    inputs: [
      [2, 1],
      [2, 3],
    ],
    apply: operators.add,
  },
  'a difference': { inputs: [[2, 3], [3]], apply: operators.subtract },
  'a product': {
    inputs: [
      [2, 3],
      [2, 1],
    ],
    apply: operators.multiply,
  },
  'a square': { inputs: [[4]], apply: (x) => operators.multiply(x!, x!) },
  'a quotient': { inputs: [[2, 3], [3]], apply: operators.divide, between: [1, 2] },
  'a negation': { inputs: [[3]], apply: operators.negate },
  'a square root': { inputs: [[3]], apply: operators.sqrt, between: [1, 2] },
  'an exponential': { inputs: [[3]], apply: operators.exp },
  'the error function': { inputs: [[4]], apply: operators.erf },
  ReLU: { inputs: [[2, 5]], apply: operators.relu },
  'the sigmoid': { inputs: [[4]], apply: operators.sigmoid },
  GELU: { inputs: [[2, 5]], apply: operators.gelu },
  SiLU: { inputs: [[2, 5]], apply: operators.silu },
  QuickGELU: { inputs: [[2, 5]], apply: operators.quickGelu },
  'a choice': {
    inputs: [[2, 3], [3]],
    apply: (a, b) =>
      operators.where(operators.greater(a!, floats(a!.graph, [2, 3], [9, -9, 9, -9, 9, -9])), a!, b!),
  },
  'another shape': { inputs: [[2, 6]], apply: (x) => operators.reshape(x!, [3, 4]) },
  'other axes': { inputs: [[2, 3, 4]], apply: (x) => operators.transpose(x!, [2, 0, 1]) },
  'joined tensors': {
    inputs: [
      [2, 3],
      [2, 1],
    ],
    apply: (a, b) => operators.concatenate([a!, b!, a!], 1),
  },
  'a tensor in pieces': { inputs: [[2, 5]], apply: (x) => operators.split(x!, 1, [2, 3]) },
  'one of several pieces': { inputs: [[2, 5]], apply: (x) => operators.split(x!, 1, [2, 3])[1]! },
  'a slice': { inputs: [[2, 5]], apply: (x) => operators.sliceBetween(x!, 1, 1, 3) },
  'a slice of an open axis, with bounds that come at run time': {
    inputs: [[2, 5]],
    shapes: [['rows', 'columns']],
    apply: (x) => {
      const columns = operators.shapeOf(x!, 1, 2);
      const start = integers(x!.graph, [1]);
      const end = operators.subtract(columns, integers(x!.graph, [2]));
      const sliced = operators.slice(x!, 1, start, end, 'rest');
      return reduceSum(multiply(sliced, sliced), [0, 1], false);
    },
  },
  'a slice whose end lies beyond the axis': {
    inputs: [[5, 2]],
    apply: (x) => operators.slice(x!, 0, integers(x!.graph, [2]), integers(x!.graph, [99]), 3),
  },
  'a mean over open axes': {
    inputs: [[2, 3, 2]],
    shapes: [['images', 'tokens', 2]],
    apply: (x) => operators.reduceMean(multiply(x!, x!), [0, 1], false),
  },
  'zeros before and after': { inputs: [[3, 2]], apply: (x) => operators.padAround(x!, 0, 2, 1) },
  'zeros around': { inputs: [[2, 3]], apply: (x) => operators.padEnd(x!, 5) },
  'a stretched tensor': {
    inputs: [[1, 3]],
    apply: (x) => operators.expand(x!, integers(x!.graph, [2, 3]), [2, 3]),
  },
  'rows of a table': { inputs: [[4, 3]], apply: (x) => operators.gather(x!, integers(x!.graph, [2, 0, 2])) },
  'an element of each row': {
    inputs: [[2, 3]],
    apply: (x) => operators.gatherLast(x!, operators.reshape(integers(x!.graph, [2, 0]), [2, 1])),
  },
  'a matrix product': {
    inputs: [
      [2, 3],
      [3, 4],
    ],
    apply: operators.matMul,
  },
  'a linear layer': {
    inputs: [
      [2, 2, 3],
      [3, 4],
    ],
    apply: operators.matMul,
  },
  'products of several matrices': {
    inputs: [
      [2, 2, 3],
      [2, 3, 2],
    ],
    apply: operators.matMul,
  },
  'products with one matrix repeated': {
    inputs: [
      [2, 2, 3],
      [1, 3, 2],
    ],
    apply: operators.matMul,
  },
  'a sum over an axis': { inputs: [[2, 3]], apply: (x) => operators.reduceSum(x!, [1]) },
  'a sum over an axis that goes': { inputs: [[2, 3]], apply: (x) => operators.reduceSum(x!, [0], false) },
  'a mean': { inputs: [[2, 3, 2]], apply: (x) => operators.reduceMean(x!, [0, -1]) },
  'rotary positions': {
    inputs: [[1, 3, 8]],
    apply: (x) => {
      const angles = numbers(6, [0, 3], 7);
      const table = (of: (angle: number) => number) => floats(x!.graph, [3, 2], [...angles].map(of));
      return operators.rotaryEmbedding(x!, { cosines: table(Math.cos), sines: table(Math.sin) });
    },
  },
  softmax: { inputs: [[2, 4]], apply: operators.softmax },
  'the logarithm of softmax': { inputs: [[2, 4]], apply: operators.logSoftmax },
  LayerNorm: {
    inputs: [[2, 5], [5], [5]],
    apply: (x, w, b) => operators.layerNormalization(x!, w!, b!, 1e-5),
  },
  RMSNorm: { inputs: [[2, 5], [5]], apply: (x, w) => operators.rmsNormalization(x!, w!, 1e-5) },
  'a residual sum and its RMSNorm': {
    inputs: [[2, 5], [2, 5], [5]],
    apply(x, residual, w) {
      const { sum, normalized } = operators.addAndRmsNormalize(x!, residual!, w!, 1e-5);
      return [sum, normalized];
    },
  },
};

describe('gradients agree with finite differences', () => {
  it.each(Object.entries(cases))('of %s', (_, operation) => expectGradients(operation));

  it('of a value that is used twice', () =>
    expectGradients({
      inputs: [[2, 3]],
      apply: (x) => operators.add(operators.exp(x!), operators.multiply(x!, operators.sigmoid(x!))),
    }));
});

describe('a forward pass that is computed twice', () => {
  it('has the gradients of one whose values are kept', async () => {
    const gradientsWith = async (cut: boolean) => {
      const graph = new Graph();
      const x = graph.input('x', 'float32', ['rows', 4]);
      const stretches: Value[] = [];
      let y = x;
      for (let depth = 0; depth < 3; depth++) {
        const squared = operators.softmax(multiply(y, operators.sigmoid(y)));
        y = add(
          operators.layerNormalization(
            y,
            floats(graph, [4], [1, 2, 1, 2]),
            floats(graph, [4], [0, 1, 0, 1]),
            1e-5,
          ),
          squared,
        );
        stretches.push(y);
      }
      const loss = reduceSum(multiply(y, y), [0, 1], false);
      const before = graph.nodes.length;
      const [gradient] = gradients(loss, [x], { recomputeFrom: cut ? stretches : [] });
      graph.output('gradient', gradient!);
      const session = await InferenceSession.create(serialize(graph));
      const results = await session.run({ x: new Tensor('float32', numbers(8, [-1, 1], 1), [2, 4]) });
      await session.release();
      return { numbers: [...(results.gradient!.data as Float32Array)], nodes: graph.nodes.length - before };
    };
    const [kept, computedTwice] = [await gradientsWith(false), await gradientsWith(true)];
    expect(computedTwice.numbers).toEqual(kept.numbers);
    expect(computedTwice.nodes).toBeGreaterThan(kept.nodes);
  });

  it('is cut only at values it computes', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const loss = reduceSum(x, [0], false);
    expect(() => gradients(loss, [x], { recomputeFrom: [x] })).toThrow('"x"');
  });
});

describe('gradients', () => {
  it('are computed only for what depends on the wanted values', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2, 2]);
    const frozen = graph.input('frozen', 'float32', [2, 2]);
    const loss = reduceSum(operators.matMul(x, frozen), [0, 1], false);
    const before = graph.nodes.length;
    gradients(loss, [x]);
    const products = graph.nodes.slice(before).filter(({ operator }) => operator.includes('MatMul'));
    expect(products).toHaveLength(1);
  });

  it('pass by operators that have no rule where nothing wanted comes through them', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1, 4, 6]);
    const other = graph.input('other', 'float32', [1, 4, 6]);
    const attended = operators.multiHeadAttention(other, other, other, 2);
    expect(gradients(reduceSum(multiply(attended, x), [0, 1, 2], false), [x])).toHaveLength(1);
  });

  it('name the operator that has no rule', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1, 4, 6]);
    const loss = reduceSum(operators.multiHeadAttention(x, x, x, 2), [0, 1, 2], false);
    expect(() => gradients(loss, [x])).toThrow(
      'There is no gradient rule for the operator MultiHeadAttention',
    );
  });

  it('name the value that the loss does not depend on', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const idle = graph.input('idle', 'float32', [2]);
    const loss = reduceSum(x, [0], false);
    expect(() => gradients(loss, [x, idle])).toThrow(expect.objectContaining({ code: 'graph' }));
    expect(() => gradients(loss, [x, idle])).toThrow('"idle"');
  });
});
