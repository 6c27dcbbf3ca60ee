import { rename, rm, writeFile } from 'node:fs/promises';

/** Writes a file anew, at once: when that fails, on a full disk for example, the one before is still there. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writeFile(partial, content);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
