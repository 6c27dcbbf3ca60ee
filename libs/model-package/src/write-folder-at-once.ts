import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CodedError } from '#libs/errors';

import { explainFullDisk } from './disk-space.js';

/**
 * Makes a folder that appears complete or not at all: it is filled under another name beside its place and
 * renamed at the end. What an earlier, interrupted attempt left is replaced.
 *
 * @throws CodedError `conversion` when the folder exists and is not empty, or the disk becomes full.
 */
export async function writeFolderAtOnce<T>(
  path: string,
  fill: (temporaryFolder: string) => Promise<T>,
): Promise<T> {
  const folder = resolve(path);
  await requireNewFolder(path);
  const temporary = `${folder}.partial`;
  try {
    await mkdir(dirname(folder), { recursive: true });
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary);
  } catch (cause) {
    throw new CodedError(
      'conversion',
      `Nothing can be written to ${dirname(folder)}. Choose a folder of your own, or change its permissions.`,
      { cause },
    );
  }
  try {
    const result = await fill(temporary);
    await rename(temporary, folder);
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw explainFullDisk(folder, error);
  }
}

/** @throws CodedError `conversion` when there is something at this path that a new folder would replace. */
export async function requireNewFolder(path: string): Promise<void> {
  const entries = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') {
      throw new CodedError(
        'conversion',
        `${path} cannot be made a folder: a file is in its way. Choose another name.`,
        {
          cause: error,
        },
      );
    }
    throw new CodedError(
      'conversion',
      `${path} cannot be looked at: you have no permission. Choose another folder.`,
      {
        cause: error,
      },
    );
  });
  if (entries.length > 0) {
    throw new CodedError('conversion', `${path} already holds files. Remove them or choose another folder.`);
  }
}
