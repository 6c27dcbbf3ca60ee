import { Graph, quantizedMatMul, serialize } from '#libs/graph';
import { type BlockFormat, bitsOf } from '#libs/minigpt4';
import { InferenceSession, Tensor } from '#libs/onnx-runtime';

import { QuantizedMatrix } from './quantize.js';

const OUTPUTS = 24;

/** Reproducible numbers of about normal distribution, as `[OUTPUTS, inputs]`. */
function weights(inputs: number): Float32Array {
  return Float32Array.from(
    { length: OUTPUTS * inputs },
    (_, i) => Math.sin(i * 12.9898) + Math.sin(i * 78.233),
  );
}

function quantize(matrix: Float32Array, inputs: number, format: BlockFormat): QuantizedMatrix {
  const quantized = new QuantizedMatrix(OUTPUTS, inputs, format);
  const half = (OUTPUTS / 2) * inputs;
  quantized.setRows(0, matrix.subarray(0, half));
  quantized.setRows(OUTPUTS / 2, matrix.subarray(half));
  return quantized;
}

/** What ONNX Runtime takes the integers for: the identity times the matrix, `[inputs, OUTPUTS]`. */
async function readBack(
  { integers, scales }: QuantizedMatrix,
  inputs: number,
  { kind, blockSize }: BlockFormat,
): Promise<Float32Array> {
  const blocks = Math.ceil(inputs / blockSize);
  const shape = [OUTPUTS, blocks, integers.length / OUTPUTS / blocks];
  const graph = new Graph();
  const product = quantizedMatMul(graph.input('x', 'float32', [inputs, inputs]), {
    integers: graph.input('integers', 'uint8', shape),
    scales: graph.input('scales', 'float32', [OUTPUTS, blocks]),
    inputs,
    bits: bitsOf(kind),
    blockSize,
  });
  graph.output('product', product);
  const identity = Float32Array.from({ length: inputs ** 2 }, (_, i) => (i % (inputs + 1) === 0 ? 1 : 0));
  const session = await InferenceSession.create(serialize(graph));
  const results = await session.run({
    x: new Tensor('float32', identity, [inputs, inputs]),
    integers: new Tensor('uint8', integers, shape),
    scales: new Tensor('float32', scales, [OUTPUTS, blocks]),
  });
  await session.release();
  return results.product!.data as Float32Array;
}

describe.each(['int8-weights', 'int4'] as const)('weights in %s', (kind) => {
  it.each([
    { blockSize: 32, inputs: 96 },
    { blockSize: 128, inputs: 256 },
    { blockSize: 32, inputs: 44 },
  ])(
    'mean to ONNX Runtime what they were, within a step (blocks of $blockSize, $inputs inputs)',
    async ({ blockSize, inputs }) => {
      const original = weights(inputs);
      const quantized = quantize(original, inputs, { kind, blockSize });
      const actual = await readBack(quantized, inputs, { kind, blockSize });
      const blocks = Math.ceil(inputs / blockSize);
      for (let output = 0; output < OUTPUTS; output++) {
        for (let input = 0; input < inputs; input++) {
          const step = Math.abs(quantized.scales[output * blocks + Math.floor(input / blockSize)]!);
          const error = Math.abs(actual[input * OUTPUTS + output]! - original[output * inputs + input]!);
          // Half a step by rounding; more only opposite to the extreme, where the range ends a step early.
          expect(error).toBeLessThanOrEqual(1.01 * step);
        }
      }
    },
  );

  it('keeps the extreme of a block and zeros exactly', async () => {
    const format = { kind, blockSize: 32 } as const;
    const matrix = new Float32Array(OUTPUTS * 32);
    matrix[5] = -3;
    matrix[32 + 7] = 2;
    const actual = await readBack(quantize(matrix, 32, format), 32, format);
    expect(actual[5 * OUTPUTS]).toBeCloseTo(-3, 5);
    expect(actual[7 * OUTPUTS + 1]).toBeCloseTo(2, 5);
    expect(actual.filter((value) => value !== 0)).toHaveLength(2);
  });
});
