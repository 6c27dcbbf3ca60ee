import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '#libs/errors';

import { systemErrorCode } from './system-error-code.js';

export const LOCK_FILE = 'running.pid';

/**
 * Keeps a second process out of a run folder, by a file with the process id. A process that was killed leaves it
 * behind, so it counts only as long as that process runs.
 */
export class FolderLock {
  private constructor(private readonly path: string) {}

  /** @throws CodedError `training` when another process works in the folder. */
  static async acquire(folder: string): Promise<FolderLock> {
    const path = join(folder, LOCK_FILE);
    while (!(await create(path))) {
      const holder = Number(await readFile(path, 'utf8').catch(() => ''));
      if (isAnotherRunning(holder)) {
        throw new CodedError(
          'training',
          `${folder} is in use: process ${holder} is training into it. Wait for its end, or choose another folder.`,
        );
      }
      await rm(path, { force: true });
    }
    return new FolderLock(path);
  }

  release(): Promise<void> {
    return rm(this.path, { force: true });
  }
}

/** Whether the lock could be made, because there was none. */
async function create(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** In a container every start may have the same id, so one's own is an earlier start's. */
function isAnotherRunning(id: number): boolean {
  if (!Number.isInteger(id) || id <= 0 || id === process.pid) return false;
  try {
    process.kill(id, 0); // signal 0 asks only whether it could be sent
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}
