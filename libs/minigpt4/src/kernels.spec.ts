import { floats, Graph, serialize, type Value } from '#libs/graph';
import { InferenceSession, Tensor } from '#libs/onnx-runtime';

import { cacheAtBorders, cachedAttention, cacheHeadWidth } from './cached-attention.js';
import { differentiableCausalAttention } from './differentiable-causal-attention.js';
import { differentiableKernels, fusedKernels, type Kernels } from './kernels.js';

/** Numbers without a pattern, the same at every run. */
function numbers(count: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 30 - 1;
  });
}

const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

async function compute(build: (graph: Graph) => Value): Promise<Float32Array> {
  const graph = new Graph();
  graph.output('result', build(graph));
  const session = await InferenceSession.create(serialize(graph));
  const { result } = await session.run({});
  await session.release();
  return result!.data as Float32Array;
}

function expectNear(actual: Float32Array, expected: Float32Array): void {
  expect(actual).toHaveLength(expected.length);
  const difference = actual.reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - expected[i]!)),
    0,
  );
  expect(difference).toBeLessThan(2e-6);
}

describe('differentiable kernels compute what the fused ones compute', () => {
  const random = (graph: Graph, shape: readonly number[], seed: number) =>
    floats(graph, shape, numbers(elements(shape), seed));

  const cases: [string, (kernels: Kernels, graph: Graph) => Value][] = [
    [
      'attention',
      (kernels, graph) =>
        kernels.attention(
          random(graph, [2, 5, 24], 11),
          random(graph, [2, 7, 24], 12),
          random(graph, [2, 7, 24], 13),
          4,
        ),
    ],
  ];

  it.each(cases)('%s', async (_, build) => {
    expectNear(
      await compute((graph) => build(differentiableKernels, graph)),
      await compute((graph) => build(fusedKernels, graph)),
    );
  });

  it.each([
    [4, 16, 'one-pass'],
    [4, 16, 'matrix-products'],
    [2, 16, 'matrix-products'],
    [1, 32, 'matrix-products'],
    [2, 8, 'matrix-products'],
    [4, 20, 'matrix-products'],
  ] as const)(
    'causal attention with 4 query heads and %d key heads of width %d, %s',
    async (keyValueHeads, headWidth, kernel) => {
      const tokens = 9;
      const hidden = 4 * headWidth;
      const config = {
        hidden,
        layers: 1,
        heads: 4,
        keyValueHeads,
        intermediate: 1,
        vocabulary: 1,
        contextLength: 16,
        rmsNormEpsilon: 1e-6,
        ropeBase: 10_000,
      };
      const width = (4 + 2 * keyValueHeads) * headWidth;
      const packed = numbers(tokens * width);

      const plain = await compute((graph) => {
        const embeddings = floats(graph, [1, tokens, hidden], numbers(tokens * hidden));
        return differentiableCausalAttention(config, embeddings)(
          floats(graph, [1, tokens, width], packed),
          0,
        );
      });

      const graph = new Graph();
      const input = graph.input('packed', 'float32', ['batch', 'tokens', width]);
      const attention = cachedAttention(graph, config, {
        lastPositions: graph.input('last', 'int32', ['batch']),
        totalLength: graph.input('total', 'int32', [1]),
        store: cacheAtBorders(graph, config, 'float32'),
        kernel,
      });
      graph.output('result', attention(input, 0));
      const session = await InferenceSession.create(serialize(graph));
      const cacheShape = [1, keyValueHeads, 16, cacheHeadWidth(config)];
      const { result } = await session.run({
        packed: new Tensor('float32', packed, [1, tokens, width]),
        last: new Tensor('int32', Int32Array.of(tokens - 1), [1]),
        total: new Tensor('int32', Int32Array.of(tokens), [1]),
        'past_key_values.0.key': new Tensor('float32', new Float32Array(elements(cacheShape)), cacheShape),
        'past_key_values.0.value': new Tensor('float32', new Float32Array(elements(cacheShape)), cacheShape),
      });
      await session.release();
      expectNear(plain, result!.data as Float32Array);
    },
  );
});
