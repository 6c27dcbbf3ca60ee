import type { ElementType } from '#libs/checkpoint';
import type { DataType } from '#libs/graph';

/** The element types that model packages use: in graphs, and in safetensors. */
const pairs: readonly (readonly [DataType, ElementType])[] = [
  ['float32', 'F32'],
  ['float16', 'F16'],
  ['uint8', 'U8'],
  ['int8', 'I8'],
];

/** @throws RangeError for a type that packages do not hold. */
export function elementTypeOf(dataType: DataType): ElementType {
  const pair = pairs.find(([name]) => name === dataType);
  if (!pair) throw new RangeError(`Model packages hold no ${dataType} tensors.`);
  return pair[1];
}

export function dataTypeOf(elementType: ElementType): DataType | undefined {
  return pairs.find(([, type]) => type === elementType)?.[0];
}
