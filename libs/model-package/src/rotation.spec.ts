import { floats, Graph, quantizedRowsMatMul, quantizeRows, type RowScaling, serialize } from '#libs/graph';
import { rotateRows } from '#libs/minigpt4';
import { InferenceSession, Tensor } from '#libs/onnx-runtime';

import { ColumnQuantizedMatrix } from './quantize.js';
import { openRotation } from './rotation.js';

/** Numbers of about normal distribution, the same at every run. */
function normals(count: number, seed = 1): Float32Array {
  let state = seed;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (state + 0.5) / 2 ** 31;
  };
  return Float32Array.from({ length: count }, () => next() + next() + next() + next() - 2);
}

/** `[count, width]` turned. */
async function turn(rows: Float32Array, width: number): Promise<Float32Array> {
  const rotation = await openRotation(width);
  try {
    return await rotation.turn(rows);
  } finally {
    await rotation.close();
  }
}

const rowsOf = (values: Float32Array, width: number) =>
  Array.from({ length: values.length / width }, (_, row) => values.subarray(row * width, (row + 1) * width));

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, index) => sum + value * b[index]!, 0);
const rootMeanSquare = (values: Float32Array) => Math.sqrt(dot(values, values) / values.length);
const largestOf = (values: Float32Array) =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Of a ViT-g, a Q-Former and LLaMA of several sizes, of small models, and such as divide badly. */
const widths = [1408, 6144, 768, 3072, 4096, 11_008, 5632, 64, 96, 44, 7, 1];

describe.each(widths)('rows of %d elements, turned', (width) => {
  it('keep their lengths and angles', async () => {
    const [a, b] = rowsOf(normals(2 * width), width) as [Float32Array, Float32Array];
    const [turnedA, turnedB] = rowsOf(await turn(Float32Array.of(...a, ...b), width), width) as [
      Float32Array,
      Float32Array,
    ];
    const size = rootMeanSquare(a) * rootMeanSquare(b) * width;
    expect(Math.abs(rootMeanSquare(turnedA) / rootMeanSquare(a) - 1)).toBeLessThan(1e-5);
    expect(Math.abs(dot(turnedA, turnedB) - dot(a, b)) / size).toBeLessThan(1e-5);
  });

  it('have no element far above the others, where one was, or all were alike', async () => {
    const single = new Float32Array(width).fill(1, width >> 1, (width >> 1) + 1);
    for (const row of [single, new Float32Array(width).fill(1)]) {
      const turned = await turn(row, width);
      expect(largestOf(turned) / rootMeanSquare(turned)).toBeLessThan(3.2);
    }
  });
});

it('packages can be read as long as rows are turned as they were when these were made', async () => {
  const turned = await turn(
    Float32Array.from({ length: 12 }, (_, index) => index),
    12,
  );
  const expected = [
    6.9282, 10.3923, 8.6603, -12.1244, -5.4641, -5.4641, -5.4641, 5.4641, -1.4641, -1.4641, -1.4641, 1.4641,
  ];
  expect(Array.from(turned, (value) => Number(value.toFixed(4)))).toEqual(expected);
});

it.each([1, 2, 9])(
  'the largest integers of %d rows and a matrix are added without overflow',
  async (count) => {
    const [inputs, outputs] = [256, 32];
    const graph = new Graph();
    const integers = graph.constant('int8', [inputs, outputs], new Uint8Array(inputs * outputs).fill(127));
    const scales = floats(graph, [outputs], new Float32Array(outputs).fill(1));
    const rows = quantizeRows(floats(graph, [count, inputs], new Float32Array(count * inputs).fill(1)));
    graph.output('product', quantizedRowsMatMul(rows, integers, scales));
    const session = await InferenceSession.create(serialize(graph));
    const { product } = await session.run({});
    await session.release();
    for (const sum of product!.data as Float32Array) expect(sum).toBeCloseTo(127 * inputs, 1);
  },
);

interface Matrix {
  readonly inputs: number;
  readonly outputs: number;
  /** `[outputs, inputs]` */
  readonly weights: Float32Array;
}

const matrixOf = (inputs: number, outputs: number): Matrix => ({
  inputs,
  outputs,
  weights: normals(inputs * outputs, 77),
});

/** Multiplies as the networks do with a matrix that is stored as int8. */
async function openProduct({ inputs, outputs, weights }: Matrix, threads = 1, scaling?: RowScaling) {
  const matrix = new ColumnQuantizedMatrix(outputs, inputs);
  matrix.setRows(0, await turn(weights, inputs));
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['batch', 'tokens', inputs]);
  const integers = graph.constant('int8', [inputs, outputs], new Uint8Array(matrix.integers.buffer));
  const scales = floats(graph, [outputs], matrix.scales);
  graph.output('product', quantizedRowsMatMul(quantizeRows(rotateRows(x)), integers, scales, scaling));
  const session = await InferenceSession.create(serialize(graph), { intraOpNumThreads: threads });
  return {
    async run(rows: Float32Array, batch = 1): Promise<Float32Array> {
      const shape = [batch, rows.length / inputs / batch, inputs];
      const { product } = await session.run({ x: new Tensor('float32', rows, shape) });
      return product!.data as Float32Array;
    },
    close: () => session.release(),
  };
}

const exactProduct = (x: Float32Array, { inputs, weights }: Matrix) =>
  Float32Array.from(
    rowsOf(x, inputs).flatMap((row) => rowsOf(weights, inputs).map((column) => dot(row, column))),
  );

/** The root mean square of the error as a share of that of the exact values. */
function relativeError(actual: Float32Array, expected: Float32Array): number {
  return rootMeanSquare(actual.map((value, index) => value - expected[index]!)) / rootMeanSquare(expected);
}

const sizes = [
  { inputs: 1408, outputs: 320 },
  { inputs: 768, outputs: 96 },
  { inputs: 256, outputs: 688 },
  { inputs: 44, outputs: 12 },
  { inputs: 28, outputs: 6 },
];

describe.each(sizes)('products of rows in int8, $inputs × $outputs', ({ inputs, outputs }) => {
  const matrix = matrixOf(inputs, outputs);

  it('give a row the same bits in any number, place and company, on one thread or two', async () => {
    const row = normals(inputs, 5);
    const single = await openProduct(matrix);
    const expected = await single.run(row);
    await single.close();
    for (const threads of [1, 2]) {
      const product = await openProduct(matrix, threads);
      for (const count of [1, 2, 3, 8, 9, 129, 257]) {
        for (const factor of [1, 1000]) {
          const place = count >> 1;
          const rows = normals(count * inputs, count).map((value) => factor * value);
          rows.set(row, place * inputs);
          const results = await product.run(rows);
          expect(results.slice(place * outputs, (place + 1) * outputs)).toEqual(expected);
        }
      }
      await product.close();
    }
  });

  it.each([1, 10, 100, 1000])(
    'err by a few percent with a column and a row %d times as large',
    async (factor) => {
      const rows = normals(9 * inputs, 3);
      for (let start = inputs >> 1; start < rows.length; start += inputs) rows[start]! *= factor;
      for (let index = 0; index < inputs; index++) rows[index]! *= factor;
      const product = await openProduct(matrix);
      const results = rowsOf(await product.run(rows), outputs);
      rowsOf(exactProduct(rows, matrix), outputs).forEach((expected, index) => {
        expect(relativeError(results[index]!, expected)).toBeLessThan(0.05);
      });
      await product.close();
    },
  );

  it('come from the kernel, scales of rows included, as if these were multiplied afterwards', async () => {
    const rows = normals(12 * inputs, 4);
    const byKernel = await openProduct(matrix, 1, 'by-kernel');
    const afterwards = await openProduct(matrix, 1, 'afterwards');
    for (const batch of [1, 3, 12])
      expect(await byKernel.run(rows, batch)).toEqual(await afterwards.run(rows, batch));
    await byKernel.close();
    await afterwards.close();
  });

  it.each([Number.NaN, Infinity, -Infinity])(
    'show a %d in a row, and leave the others alone',
    async (broken) => {
      const rows = normals(5 * inputs, 6);
      const product = await openProduct(matrix);
      const whole = rowsOf(await product.run(rows), outputs);
      for (const place of [0, inputs >> 1, inputs - 1]) {
        const damaged = rowsOf(await product.run(rows.with(2 * inputs + place, broken)), outputs);
        expect(damaged[2]!.every(Number.isNaN)).toBe(true);
        for (const other of [0, 1, 3, 4]) expect(damaged[other]).toEqual(whole[other]);
      }
      await product.close();
    },
  );

  it('of zeros are zeros', async () => {
    const product = await openProduct(matrix);
    expect((await product.run(new Float32Array(2 * inputs))).every((value) => value === 0)).toBe(true);
    await product.close();
  });
});
