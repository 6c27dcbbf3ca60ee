import { type ShapeName, shapes } from '#libs/benchmark';
import { type Quantization, writeRandomPackage } from '#libs/model-package';

import { cachedModel } from './cache-folder.js';

/** The folder of a package of this shape with random weights. */
export function packageOf(
  shape: ShapeName,
  quantization: Quantization,
  onProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<string> {
  const format = quantization.kind === 'none' ? 'float32' : `${quantization.kind}-${quantization.blockSize}`;
  return cachedModel(`${shape}-${format}`, (out) =>
    writeRandomPackage({ architecture: shapes[shape], quantization, out, onProgress }),
  );
}
