import { elementCount } from './tensor.js';

/** A window on memory: element `i, j, …` lies at `i·strides[0] + j·strides[1] + …`, counted in elements. */
export interface StridedLayout {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Whether the elements lie in row-major order without gaps. Dimensions of size 1 may have any stride. */
export function isContiguous({ shape, strides }: StridedLayout): boolean {
  if (elementCount(shape) === 0) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis]! !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** How many elements of memory the window reaches over. */
export function storageElementsNeeded({ shape, strides }: StridedLayout): number {
  if (elementCount(shape) === 0) return 0;
  return shape.reduce((last, size, axis) => last + (size - 1) * strides[axis]!, 1);
}

/** Copies the window's elements into row-major order. */
export function readStrided(
  storage: Uint8Array,
  elementSize: number,
  { shape, strides }: StridedLayout,
): Uint8Array {
  const result = new Uint8Array(new ArrayBuffer(elementCount(shape) * elementSize));
  let written = 0;
  const copy = (axis: number, element: number): void => {
    if (axis === shape.length) {
      const start = element * elementSize;
      for (let byte = 0; byte < elementSize; byte++) result[written++] = storage[start + byte]!;
      return;
    }
    for (let index = 0; index < shape[axis]!; index++) copy(axis + 1, element + index * strides[axis]!);
  };
  copy(0, 0);
  return result;
}
