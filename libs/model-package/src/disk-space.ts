import { statfs } from 'node:fs/promises';
import { CodedError } from '#libs/errors';

/** @throws CodedError `conversion` when the disk of this folder has less free. */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bytes <= bavail * bsize) return;
  throw new CodedError(
    'conversion',
    `The package takes ${inGigabytes(bytes)}, but ${inGigabytes(bavail * bsize)} are free at ${folder}. Make room or choose another disk; int4 packages are the smallest.`,
  );
}

/** What to say of an error at writing files below a folder, where it is the disk that is full. */
export function explainFullDisk(folder: string, error: unknown): unknown {
  const isFull = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  if (!isFull) return error;
  return new CodedError(
    'conversion',
    `The disk became full while ${folder} was written; what was there of it is removed. Make room or choose another disk.`,
    { cause: error },
  );
}

function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e8 ? 3 : 1)} GB`;
}
