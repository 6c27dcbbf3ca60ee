import type { ModelManifest } from '#libs/model-package';

export type PackageQuantization = ModelManifest['quantization'];

export interface Format {
  readonly name: string;
  readonly quantization: PackageQuantization;
}

const block = (kind: 'int8' | 'int4', blockSize: 32 | 64 | 128): Format => ({
  name: `decoder ${kind}, block ${blockSize}`,
  quantization: { decoder: { kind, blockSize } },
});

/** What conversion offers, the exact one first. */
export const formats: readonly Format[] = [
  { name: 'float32', quantization: { decoder: { kind: 'none' } } },
  block('int8', 32),
  block('int8', 128),
  block('int4', 32),
  block('int4', 64),
  block('int4', 128),
  {
    name: 'encoder dynamic int8',
    quantization: { decoder: { kind: 'none' }, encoder: { kind: 'dynamic-int8' } },
  },
];
