import { join } from 'node:path';

import { digestOfFile } from '#libs/files';
import { ModelPackageError } from './errors.js';
import type { ModelPackage } from './open-model-package.js';

/**
 * Reads every file of a package and compares its SHA-256 with model.json.
 * @returns the names of the files that were changed since they were made.
 */
export async function changedFiles({ folder, manifest }: ModelPackage): Promise<string[]> {
  const changed: string[] = [];
  for (const [file, digest] of Object.entries(manifest.digests)) {
    if ((await digestOfFile(join(folder, file))) !== digest) changed.push(file);
  }
  return changed;
}

/** @throws ModelPackageError naming the files whose content is not what model.json says. */
export async function verifyModelPackage(modelPackage: ModelPackage): Promise<void> {
  const changed = await changedFiles(modelPackage);
  if (changed.length === 0) return;
  throw new ModelPackageError(
    `${modelPackage.folder} is damaged: ${changed.join(', ')} differ${changed.length === 1 ? 's' : ''} from the SHA-256 in model.json. Convert or download the model again.`,
  );
}
