import { floats, Graph, matMul, reshape, serialize, type Value } from '#libs/graph';

/**
 * Turns every row of `[…, width]` by a fixed orthogonal matrix, which spreads what stands in a few columns over all
 * (QuaRot, Ashkboos et al., 2024): a row then has no element far above the others that it would be rounded by. A matrix
 * whose columns are turned alike gives the same products.
 *
 * The matrix is the Kronecker product of two small ones, so that turning costs little beside multiplying: with
 * `width = a · b`, where b is the largest power of two up to 64 that divides the width, a row is read as `[a, b]` and
 * multiplied by one from the left and by the other from the right. Infinities, and what is no number, spread over their
 * whole row.
 */
export function rotateRows(x: Value): Value {
  const width = Number(x.shape.at(-1));
  const columns = Math.min(width & -width, LARGEST_BLOCK);
  const rows = width / columns;
  const grid = reshape(x, [...x.shape.slice(0, -1), rows, columns]);
  const left = floats(
    x.graph,
    [rows, rows],
    mixing(rows, (input, output) => output * rows + input),
  );
  const right = floats(
    x.graph,
    [columns, columns],
    mixing(columns, (input, output) => input * columns + output),
  );
  return reshape(matMul(matMul(left, grid), right), x.shape);
}

const LARGEST_BLOCK = 64;

/** An ONNX model that turns `rows [count, width]` to `rotated [count, width]`. */
export function rotationGraph(width: number): Uint8Array {
  const graph = new Graph();
  graph.output('rotated', rotateRows(graph.input('rows', 'float32', ['count', width])));
  return serialize(graph);
}

/**
 * An orthogonal matrix by which every input has a part in every output: Hadamard's for the size's power of two, and the
 * discrete Hartley transform for its odd factor. Inputs have signs, those of Rudin and Shapiro's sequence, which no such
 * transform adds up: without them a row's mean, which after GELU is far from 0, would end in a single output.
 * @param place where the matrix holds an input's part in an output
 */
function mixing(size: number, place: (input: number, output: number) => number): Float32Array {
  const matrix = new Float32Array(size * size);
  const odd = size / (size & -size);
  for (let input = 0; input < size; input++) {
    for (let output = 0; output < size; output++) {
      const sign = signOf(input & (input >> 1)) * signOf(Math.floor(input / odd) & Math.floor(output / odd));
      const angle = (2 * Math.PI * (((input % odd) * (output % odd)) % odd)) / odd;
      matrix[place(input, output)] = (sign * (Math.cos(angle) + Math.sin(angle))) / Math.sqrt(size);
    }
  }
  return matrix;
}

/** -1 where an odd number of bits is set. */
function signOf(bits: number): 1 | -1 {
  let isOdd = false;
  for (let rest = bits; rest !== 0; rest &= rest - 1) isOdd = !isOdd;
  return isOdd ? -1 : 1;
}
