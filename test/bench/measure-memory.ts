import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Candidate } from './candidate.js';
import type { RowCollector } from './report/results.js';

/** So little room for conversations that keys and values do not count. */
const LITTLE_ROOM = { conversations: 1, contextLength: 128 } as const;

/** Loads one candidate after the other, lets each say something, and compares its memory with its model's files. */
export async function measureMemory(candidates: readonly Candidate[], rows: RowCollector): Promise<void> {
  for (const { name, files, start } of candidates) {
    const contender = await start(LITTLE_ROOM);
    try {
      await contender.perform({ kind: 'decode', context: 32, newTokens: 32 });
      const resident = await contender.residentMemory();
      const stored = await sizeOf(files);
      rows.add('memory', name, { name: 'memory without KV', unit: 'MB', value: resident / 1e6 });
      rows.add('memory', name, { name: 'memory without KV / files', unit: '×', value: resident / stored });
    } finally {
      await contender.stop();
    }
  }
}

/** Of a file, or of all files in a folder. */
async function sizeOf(path: string): Promise<number> {
  const entry = await stat(path);
  if (!entry.isDirectory()) return entry.size;
  const sizes = await Promise.all((await readdir(path)).map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
