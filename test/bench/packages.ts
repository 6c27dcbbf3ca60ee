import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { type ShapeName, shapes } from '#libs/benchmark';
import { type Quantization, writeRandomPackage } from '#libs/model-package';

/** Where models of random weights and the peers are kept between runs. It may be deleted at any time. */
export const cacheFolder = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'minigpt4-chat',
  'bench',
);

/** Changes when the files that older versions of the benchmark left no longer serve. */
const VERSION = 1;

/** The folder of a package of this shape, made now unless an earlier run made it. */
export async function packageOf(
  shape: ShapeName,
  quantization: Quantization,
  onProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<string> {
  const format = quantization.kind === 'none' ? 'float32' : `${quantization.kind}-${quantization.blockSize}`;
  const folder = join(cacheFolder, `v${VERSION}`, `${shape}-${format}`);
  if (!existsSync(folder)) {
    await writeRandomPackage({ architecture: shapes[shape], quantization, out: folder, onProgress });
  }
  return folder;
}
