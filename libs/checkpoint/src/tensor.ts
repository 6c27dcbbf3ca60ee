/**
 * Element types, by the names that safetensors gives them (its `Dtype`), and their sizes in bytes. The types of fewer
 * than eight bits are packed. Every type can be listed and copied; weights are made of the floating-point ones that
 * {@link toFloat32} knows.
 */
export const bytesPerElement = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E5M2FNUZ: 1,
  F8_E4M3FNUZ: 1,
  F8_E8M0: 1,
  F6_E2M3: 0.75,
  F6_E3M2: 0.75,
  F4: 0.5,
  C64: 8,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
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
