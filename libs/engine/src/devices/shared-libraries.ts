import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';

/** File names of the shared libraries that Linux's loader finds: by its cache, and in the folders of LD_LIBRARY_PATH. */
export async function loadableLibraries(): Promise<ReadonlySet<string>> {
  const known = await outputOf('/sbin/ldconfig', ['-p']);
  const fromCache = [...known.matchAll(/^\s+(\S+) \(/gm)].map(([, name]) => name!);
  const folders = (process.env.LD_LIBRARY_PATH ?? '').split(delimiter).filter((folder) => existsSync(folder));
  return new Set([...fromCache, ...folders.flatMap((folder) => readdirSync(folder))]);
}

/** What a program prints; nothing where it is not there or fails. */
export async function outputOf(program: string, parameters: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, [...parameters])).stdout;
  } catch {
    return '';
  }
}
