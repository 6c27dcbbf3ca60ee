import { type DataType, Graph, matMul, serialize, type Value } from '#libs/graph';
import { InferenceSession, Tensor } from '#libs/onnx-runtime';

const SIDE = 2048;
const ROUNDS = 10;

/** Multiplications and additions of the fastest of several products of two large matrices, in 10⁹ per second. */
export async function measurePeak(threads: number): Promise<{ fp32: number; int8: number }> {
  return {
    fp32: await fastestProduct(
      threads,
      ['float32', 'float32'],
      new Float32Array(SIDE * SIDE).fill(0.5),
      matMul,
    ),
    // Processors' instructions for integers multiply unsigned ones by signed ones.
    int8: await fastestProduct(
      threads,
      ['uint8', 'int8'],
      new Uint8Array(SIDE * SIDE).fill(3),
      multiplyIntegers,
    ),
  };
}

function multiplyIntegers(a: Value, b: Value): Value {
  const [product] = a.graph.node('MatMulInteger', [a, b], [{ dataType: 'int32', shape: [SIDE, SIDE] }]);
  return product!;
}

async function fastestProduct(
  threads: number,
  [inputType, matrixType]: readonly ['float32' | 'uint8', DataType],
  elements: Float32Array | Uint8Array,
  multiply: (a: Value, b: Value) => Value,
): Promise<number> {
  const graph = new Graph();
  const matrix = graph.constant(matrixType, [SIDE, SIDE], elements);
  graph.output('product', multiply(graph.input('input', inputType, [SIDE, SIDE]), matrix));
  const session = await InferenceSession.create(serialize(graph), { intraOpNumThreads: threads });
  const input = new Tensor(inputType, elements, [SIDE, SIDE]);
  let fastest = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    await session.run({ input });
    fastest = Math.min(fastest, (performance.now() - startedAt) / 1000);
  }
  await session.release();
  return (2 * SIDE ** 3) / fastest / 1e9;
}
