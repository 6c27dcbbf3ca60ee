import { join } from 'node:path';
import { CodedError } from '#libs/errors';

import { digestOfFile, sizeOfFile } from '#libs/files';
import type { ModelPackage } from './open-model-package.js';

/** Files up to this size are read in a moment. */
const SMALL_FILE = 32 * 2 ** 20;

/** Which files' content is compared: the projection and what is read in a moment, or every byte. */
export type Verification = 'small' | 'full' | 'off';

/**
 * Reads files of a package and compares their SHA-256 with model.json.
 * @returns the names of the files that were changed since they were made.
 */
export async function changedFiles(
  { folder, manifest }: ModelPackage,
  verification: Verification = 'full',
): Promise<string[]> {
  const changed: string[] = [];
  for (const [file, digest] of Object.entries(manifest.digests)) {
    const path = join(folder, file);
    if (!(await isToBeRead(path, file, verification))) continue;
    if ((await digestOfFile(path)) !== digest) changed.push(file);
  }
  return changed;
}

/** @throws CodedError `model-package` naming the files whose content is not what model.json says. */
export async function verifyModelPackage(
  modelPackage: ModelPackage,
  verification: Verification = 'full',
): Promise<void> {
  const changed = await changedFiles(modelPackage, verification);
  if (changed.length === 0) return;
  throw new CodedError(
    'model-package',
    `${modelPackage.folder} is damaged: ${changed.join(', ')} differ${changed.length === 1 ? 's' : ''} from the SHA-256 in model.json. Convert or download the model again.`,
  );
}

async function isToBeRead(path: string, file: string, verification: Verification): Promise<boolean> {
  switch (verification) {
    case 'off':
      return false;
    case 'full':
      return true;
    case 'small':
      return file === 'projection.safetensors' || (await sizeOfFile(path)) <= SMALL_FILE;
  }
}
