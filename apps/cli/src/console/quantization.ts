import { type Quantization, quantization } from '#libs/model-package';

import { ArgumentError } from './arguments.js';

export const quantizations = ['none', 'int8', 'int4'] as const;
export const encoderQuantizations = ['none', 'dynamic-int8'] as const;

/** Of --quantize and --block-size. */
export function parseQuantization({
  quantize: kind,
  blockSize,
}: {
  readonly quantize: Quantization['kind'];
  readonly blockSize: number;
}): Quantization {
  const parsed = quantization.safeParse(kind === 'none' ? { kind } : { kind, blockSize });
  if (!parsed.success) throw new ArgumentError(`--block-size takes 32, 64 or 128, not ${blockSize}.`);
  return parsed.data;
}
