import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Candidate } from './candidate.js';
import type { RowCollector } from './report/results.js';

/** llama.cpp rounds up to so many positions. */
const ROOM = { conversations: 1, contextLength: 256 } as const;

/** Fills the room, as memory that was asked for counts only once it is written to. */
const FILLING = { kind: 'decode', context: 224, newTokens: 32 } as const;

/** Loads one candidate after the other, lets each say something, and compares its memory with its model's files. */
export async function measureMemory(candidates: readonly Candidate[], rows: RowCollector): Promise<void> {
  for (const { name, files, keyValueBytes, start } of candidates) {
    const contender = await start(ROOM);
    try {
      await contender.perform(FILLING);
      const resident = (await contender.residentMemory()) - keyValueBytes(ROOM);
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
