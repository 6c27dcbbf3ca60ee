/** Element types, by the names that safetensors gives them, and their sizes in bytes. */
export const bytesPerElement = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type ElementType = keyof typeof bytesPerElement;

export function isElementType(name: string): name is ElementType {
  return Object.hasOwn(bytesPerElement, name);
}

export interface TensorInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** A tensor in memory: little-endian, row-major, without gaps. */
export interface Tensor extends TensorInfo {
  readonly bytes: Uint8Array;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function byteLength({ type, shape }: Pick<TensorInfo, 'type' | 'shape'>): number {
  return elementCount(shape) * bytesPerElement[type];
}

/** Wraps float32 values as a tensor without copying them. */
export function float32Tensor(name: string, shape: readonly number[], values: Float32Array): Tensor {
  if (values.length !== elementCount(shape)) {
    throw new RangeError(`${name}: ${values.length} values cannot have the shape [${shape.join(', ')}]`);
  }
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { name, type: 'F32', shape, bytes };
}
