import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { z } from 'zod';

/** The ONNX Runtime that npm installed. */
export interface OnnxRuntime {
  readonly version: string;
  /** Where its libraries for this machine lie, and where it looks for further providers. */
  readonly libraryFolder: string;
}

export function installedOnnxRuntime(): OnnxRuntime {
  const folder = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')), '..');
  const manifest = z.object({ version: z.string() });
  const { version } = manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  return { version, libraryFolder: join(folder, 'bin/napi-v6', process.platform, process.arch) };
}
