import { Option } from 'commander';
import { CodedError } from '#libs/errors';

import { type EncoderQuantization, type Quantization, quantization } from '#libs/model-package';

import { toChoice, toWholeNumber } from './arguments.js';

export type QuantizationKind = Quantization['kind'];
export type EncoderQuantizationKind = EncoderQuantization['kind'];

const kinds = ['none', 'int8', 'int8-weights', 'int4'] as const satisfies readonly QuantizationKind[];
const encoderKinds = ['none', 'int8'] as const satisfies readonly EncoderQuantizationKind[];

/** The option --quantize, whose default is each command's own. */
export function quantizeOption(byDefault: QuantizationKind): Option {
  return new Option(
    '--quantize <kind>',
    "how to store the language model's matrices: int4 takes the least memory and answers one person fastest; int8, on a processor, is nearest to float32 (none) and fastest for prompts; int8-weights is int8 for GPUs",
  )
    .choices(kinds)
    .default(byDefault)
    .argParser(toChoice('--quantize', kinds));
}

export const DEFAULT_BLOCK_SIZE = 32;

export function blockSizeOption(): Option {
  return new Option(
    '--block-size <numbers>',
    'weights that share a scale when quantised: 128 is smallest and fastest, 32 costs no speed for reproducible replies where there is AVX-512',
  )
    .default(DEFAULT_BLOCK_SIZE)
    .argParser(toWholeNumber('--block-size'));
}

export function quantizeEncoderOption(): Option {
  return new Option(
    '--quantize-encoder <kind>',
    'how to store the matrices that look at pictures: int8 is a quarter of the size and faster on a processor; none (float32) is exact, and for GPUs',
  )
    .choices(encoderKinds)
    .default('int8' satisfies EncoderQuantizationKind)
    .argParser(toChoice('--quantize-encoder', encoderKinds));
}

/** Of --quantize and --block-size. */
export function parseQuantization({
  quantize: kind,
  blockSize,
}: {
  readonly quantize: QuantizationKind;
  readonly blockSize: number;
}): Quantization {
  const parsed = quantization.safeParse(kind === 'none' || kind === 'int8' ? { kind } : { kind, blockSize });
  if (!parsed.success)
    throw new CodedError('argument', `--block-size takes 32, 64 or 128, not ${blockSize}.`);
  return parsed.data;
}
