import type { MatrixFormat, PackageFile } from '#libs/minigpt4';

import type { Quantization } from './manifest.js';

/**
 * How a package file's matrices are stored. Only the decoder is quantised: on CPUs the encoder is faster in
 * float, and it runs once per image.
 */
export function formatIn(file: PackageFile, decoder: Quantization): MatrixFormat {
  return file === 'decoder.safetensors' ? decoder : { kind: 'none' };
}
