import type { EncoderFormat, MatrixFormat, PackageFile } from '#libs/minigpt4';

import type { ModelManifest } from './manifest.js';

/** How a package file's matrices are stored. */
export function formatIn(
  file: PackageFile,
  { decoder, encoder = { kind: 'none' } }: ModelManifest['quantization'],
): MatrixFormat | EncoderFormat {
  switch (file) {
    case 'decoder.safetensors':
      return decoder;
    case 'vision.safetensors':
      return encoder;
    case 'projection.safetensors':
      return { kind: 'none' };
  }
}
