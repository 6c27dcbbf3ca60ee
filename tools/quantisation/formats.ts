import type { PackageQuantization } from '#libs/model-package';

export interface Format {
  readonly name: string;
  readonly quantization: PackageQuantization;
}

const block = (kind: 'int8-weights' | 'int4', blockSize: 32 | 64 | 128): Format => ({
  name: `decoder ${kind}, block ${blockSize}`,
  quantization: { decoder: { kind, blockSize } },
});

/** What conversion offers, the exact one first. */
export const formats: readonly Format[] = [
  { name: 'float32', quantization: { decoder: { kind: 'none' } } },
  { name: 'decoder int8', quantization: { decoder: { kind: 'int8' } } },
  block('int8-weights', 32),
  block('int8-weights', 128),
  block('int4', 32),
  block('int4', 64),
  block('int4', 128),
  {
    name: 'encoder int8',
    quantization: { decoder: { kind: 'none' }, encoder: { kind: 'int8' } },
  },
];
