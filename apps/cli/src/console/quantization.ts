import { type EncoderQuantization, type Quantization, quantization } from '#libs/model-package';

import { ArgumentError, parseChoice, parseWholeNumber } from './arguments.js';

export type QuantizationKind = Quantization['kind'];
export type EncoderQuantizationKind = EncoderQuantization['kind'];

const kinds = ['none', 'int8', 'int4'] as const satisfies readonly QuantizationKind[];
const encoderKinds = ['none', 'dynamic-int8'] as const satisfies readonly EncoderQuantizationKind[];

/** The option --quantize, whose default is each command's own. */
export function quantizeOption(defaultValue: QuantizationKind) {
  return {
    flags: '--quantize <kind>',
    description: "how to store the language model's matrices",
    choices: [...kinds],
    defaultValue,
  };
}

export const DEFAULT_BLOCK_SIZE = 32;

/** The option --block-size. */
export const blockSizeOption = {
  flags: '--block-size <numbers>',
  description:
    'weights that share a scale when quantised: 128 is smallest and fastest, 32 costs no speed for reproducible replies where there is AVX-512',
  defaultValue: DEFAULT_BLOCK_SIZE,
};

export function parseBlockSize(text: string): number {
  return parseWholeNumber('--block-size', text);
}

/** The option --quantize-encoder. */
export const quantizeEncoderOption = {
  flags: '--quantize-encoder <kind>',
  description: 'how to store the matrices that look at pictures: dynamic-int8 is faster and less exact',
  choices: [...encoderKinds],
  defaultValue: 'none',
};

export function parseQuantizationKind(text: string): QuantizationKind {
  return parseChoice('--quantize', kinds, text);
}

export function parseEncoderQuantizationKind(text: string): EncoderQuantizationKind {
  return parseChoice('--quantize-encoder', encoderKinds, text);
}

/** Of --quantize and --block-size. */
export function parseQuantization({
  quantize: kind,
  blockSize,
}: {
  readonly quantize: QuantizationKind;
  readonly blockSize: number;
}): Quantization {
  const parsed = quantization.safeParse(kind === 'none' ? { kind } : { kind, blockSize });
  if (!parsed.success) throw new ArgumentError(`--block-size takes 32, 64 or 128, not ${blockSize}.`);
  return parsed.data;
}
