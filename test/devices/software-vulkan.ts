import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { createBrotliDecompress } from 'node:zlib';

import { extract } from 'tar-stream';

/** SwiftShader computes what a graphics processor would, on the processor; it comes with Chromium for servers. */
const archive = join(
  dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')),
  '../../bin/swiftshader.tar.br',
);

/** Whether this machine can run the driver. */
export const hasSoftwareVulkan = process.platform === 'linux' && process.arch === 'x64';

/**
 * Unpacks a Vulkan driver in software.
 * @returns the environment in which a process finds it, and no other one
 */
export async function unpackSoftwareVulkan(folder: string): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true });
  const entries = createReadStream(archive).pipe(createBrotliDecompress()).pipe(extract());
  for await (const entry of entries) {
    await writeFile(join(folder, entry.header.name), Readable.from(entry), { mode: 0o755 });
  }
  const driver = join(folder, 'vk_swiftshader_icd.json');
  return { LD_LIBRARY_PATH: folder, VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver };
}
