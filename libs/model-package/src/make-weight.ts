import { float32Tensor, type Tensor, toFloat32 } from '#libs/checkpoint';
import {
  type LowRankAdapter,
  type MatrixFormat,
  type PackageWeight,
  quantizedName,
  rotatedName,
  type SourceTensor,
  scalesName,
} from '#libs/minigpt4';

import { ColumnQuantizedMatrix, QuantizedMatrix } from './quantize.js';
import { resizePositionEmbedding } from './resize-position-embedding.js';
import { openRotation } from './rotation.js';
import { POSITION_EMBEDDING } from './with-image-size.js';

export type ReadSource = (tensor: SourceTensor) => Promise<Tensor>;

/** Matrices are widened this many numbers at a time, so that a large one is in memory once and not twice. */
const NUMBERS_AT_A_TIME = 2 ** 20;

/**
 * Makes a weight of a package from published tensors, reading one of them at a time. The result is what
 * `storedTensors` of libs/minigpt4 announces: one tensor, or the integers and scales of a quantised matrix.
 */
export async function makeWeight(
  weight: PackageWeight,
  format: MatrixFormat,
  read: ReadSource,
): Promise<Tensor[]> {
  const { name, shape, source } = weight;
  switch (source.kind) {
    case 'copy': {
      const values = toFloat32(await read(source.tensor));
      const fitting = name === POSITION_EMBEDDING ? fitPositions(values, source.tensor.shape, shape) : values;
      return [float32Tensor(name, shape, fitting)];
    }
    case 'constant':
      return [float32Tensor(name, shape, new Float32Array(shape[0]!).fill(source.value))];
    case 'concatenate': {
      const joined = new Float32Array(shape.reduce((count, size) => count * size, 1));
      let start = 0;
      for (const tensor of source.tensors) {
        const values = toFloat32(await read(tensor));
        joined.set(values, start);
        start += values.length;
      }
      return [float32Tensor(name, shape, joined)];
    }
    case 'query-and-value-bias': {
      const query = toFloat32(await read(source.query));
      const value = toFloat32(await read(source.value));
      const bias = new Float32Array(3 * query.length);
      bias.set(query, 0);
      bias.set(value, 2 * query.length);
      return [float32Tensor(name, shape, bias)];
    }
    case 'transpose':
      return makeMatrix(weight, format, [source.tensor], read);
    case 'concatenate-rows-then-transpose':
      return makeMatrix(weight, format, source.tensors, read);
  }
}

/** Positions `[…, 1 + patches, width]` of one image size for another. */
function fitPositions(
  positions: Float32Array,
  published: readonly number[],
  [, tokens = 0]: readonly number[],
): Float32Array {
  const [publishedTokens = 0, width = 0] = published.slice(-2);
  if (tokens === publishedTokens) return positions;
  const gridOf = (count: number) => Math.sqrt(count - 1);
  return resizePositionEmbedding(positions, { from: gridOf(publishedTokens), to: gridOf(tokens), width });
}

/** @param parts matrices `[out_i, in]` whose rows, one part after another, are the columns of the weight. */
async function makeMatrix(
  weight: PackageWeight,
  format: MatrixFormat,
  parts: readonly SourceTensor[],
  read: ReadSource,
): Promise<Tensor[]> {
  const { name, shape } = weight;
  const [inputs = 0, outputs = 0] = shape;
  if (format.kind === 'none') {
    const matrix = new Float32Array(inputs * outputs);
    await forEachRows(parts, inputs, read, (firstRow, rows) => {
      setColumns(matrix, outputs, firstRow, rows, inputs);
    });
    return [float32Tensor(name, shape, matrix)];
  }
  if (format.kind === 'int8') return makeRotatedMatrix(weight, parts, read);
  const matrix = new QuantizedMatrix(outputs, inputs, format);
  await forEachRows(parts, inputs, read, (firstRow, rows) => matrix.setRows(firstRow, rows));
  const blocks = matrix.scales.length / outputs;
  return [
    {
      name: quantizedName(name),
      type: 'U8',
      shape: [outputs, blocks, matrix.integers.length / matrix.scales.length],
      bytes: matrix.integers,
    },
    float32Tensor(scalesName(name), [outputs, blocks], matrix.scales),
  ];
}

async function makeRotatedMatrix(
  { name, shape: [inputs = 0, outputs = 0] }: PackageWeight,
  parts: readonly SourceTensor[],
  read: ReadSource,
): Promise<Tensor[]> {
  const matrix = new ColumnQuantizedMatrix(outputs, inputs);
  const rotation = await openRotation(inputs);
  try {
    await forEachRows(parts, inputs, read, async (firstRow, rows) =>
      matrix.setRows(firstRow, await rotation.turn(rows)),
    );
  } finally {
    await rotation.close();
  }
  const bytes = new Uint8Array(matrix.integers.buffer);
  return [
    { name: rotatedName(name), type: 'I8', shape: [inputs, outputs], bytes },
    float32Tensor(scalesName(name), [outputs], matrix.scales),
  ];
}

/** Calls back with float32 `[rows, inputs]`, a few rows at a time, numbered through all parts. */
async function forEachRows(
  parts: readonly SourceTensor[],
  inputs: number,
  read: ReadSource,
  use: (firstRow: number, rows: Float32Array) => void | Promise<void>,
): Promise<void> {
  const step = Math.max(1, Math.floor(NUMBERS_AT_A_TIME / inputs));
  let done = 0;
  for (const part of parts) {
    const tensor = await read(part);
    const change = part.adapter ? await changeOf(part.adapter, inputs, read) : () => {};
    const [rowCount = 0] = tensor.shape;
    const bytesPerRow = tensor.bytes.length / rowCount;
    for (let row = 0; row < rowCount; row += step) {
      const bytes = tensor.bytes.subarray(row * bytesPerRow, (row + step) * bytesPerRow);
      const rows = toFloat32({ ...tensor, bytes });
      change(row, rows);
      await use(done + row, rows);
    }
    done += rowCount;
  }
}

/** Adds a low-rank change to rows `[count, inputs]` of its matrix, of which the first has this number. */
async function changeOf(
  { down, up, factor }: LowRankAdapter,
  inputs: number,
  read: ReadSource,
): Promise<(firstRow: number, rows: Float32Array) => void> {
  const downward = toFloat32(await read(down));
  const upward = toFloat32(await read(up));
  const rank = downward.length / inputs;
  return (firstRow, rows) => {
    for (let start = 0; start < rows.length; start += inputs) {
      const row = firstRow + start / inputs;
      for (let index = 0; index < rank; index++) {
        const scale = factor * upward[row * rank + index]!;
        const from = index * inputs;
        for (let input = 0; input < inputs; input++) {
          rows[start + input] = rows[start + input]! + scale * downward[from + input]!;
        }
      }
    }
  };
}

/** Cache-sized squares make the strided writes of a transposition cheap. */
const TILE = 32;

/** Writes `rows` `[count, inputs]` into `matrix` `[inputs, outputs]` as its columns from `firstColumn` on. */
function setColumns(
  matrix: Float32Array,
  outputs: number,
  firstColumn: number,
  rows: Float32Array,
  inputs: number,
): void {
  const count = rows.length / inputs;
  for (let rowTile = 0; rowTile < count; rowTile += TILE) {
    const rowEnd = Math.min(rowTile + TILE, count);
    for (let inputTile = 0; inputTile < inputs; inputTile += TILE) {
      const inputEnd = Math.min(inputTile + TILE, inputs);
      for (let input = inputTile; input < inputEnd; input++) {
        const target = input * outputs + firstColumn;
        for (let row = rowTile; row < rowEnd; row++) matrix[target + row] = rows[row * inputs + input]!;
      }
    }
  }
}
