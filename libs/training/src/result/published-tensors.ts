import { float32Tensor, type Tensor } from '#libs/checkpoint';
import type { PackageWeight } from '#libs/minigpt4';

/** A weight of a package as the original publishes it: matrices of linear layers are `[out, in]` there. */
export function publishedTensor({ name, source, shape }: PackageWeight, values: Float32Array): Tensor {
  switch (source.kind) {
    case 'copy':
      return float32Tensor(source.tensor.name, source.tensor.shape, values);
    case 'transpose':
      return float32Tensor(source.tensor.name, source.tensor.shape, transposed(values, shape));
    default:
      throw new Error(`${name} has no single published tensor`);
  }
}

/** `[rows, columns]` → `[columns, rows]` */
function transposed(values: Float32Array, [rows = 0, columns = 0]: readonly number[]): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = values[row * columns + column]!;
    }
  }
  return result;
}
