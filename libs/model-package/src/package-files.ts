import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

import type { PackageFile } from '#libs/minigpt4';

export const MANIFEST_FILE = 'model.json';
export const TOKENIZER_FILE = 'tokenizer.json';

export const weightFiles: readonly PackageFile[] = [
  'vision.safetensors',
  'projection.safetensors',
  'decoder.safetensors',
];

/** SHA-256 of a file's content in hexadecimal digits. The file is streamed. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  return hash.digest('hex');
}

export async function sizeOfFile(path: string): Promise<number> {
  return (await stat(path)).size;
}
