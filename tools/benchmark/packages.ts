import { type ShapeName, shapes } from '#libs/benchmark';
import { type EncoderQuantization, type Quantization, writeRandomPackage } from '#libs/model-package';

import { cachedModel } from './cache-folder.js';

/** How a package stores its matrices: the decoder's as int4, the encoder's as said. */
export interface PackageFormat {
  readonly blockSize: 32 | 128;
  readonly encoder: EncoderQuantization['kind'];
}

/** The folder of a package of this shape with random weights. */
export function packageOf(
  shape: ShapeName,
  { blockSize, encoder }: PackageFormat,
  onProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<string> {
  const quantization: Quantization = { kind: 'int4', blockSize };
  const name = `${shape}-int4-${blockSize}${encoder === 'none' ? '' : `-encoder-${encoder}`}`;
  return cachedModel(name, (out) =>
    writeRandomPackage({
      architecture: shapes[shape],
      quantization,
      encoderQuantization: { kind: encoder },
      out,
      onProgress,
    }),
  );
}
