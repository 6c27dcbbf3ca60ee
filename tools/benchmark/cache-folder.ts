import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where models of random weights and the peers are kept between runs. It may be deleted at any time. */
export const cacheFolder = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'minigpt4-chat',
  'bench',
);

/** Changes when the files that older versions of the benchmark left no longer serve. */
const VERSION = 1;

/** A file or folder of models in the cache, made now unless an earlier run made it. */
export async function cachedModel(name: string, make: (path: string) => Promise<unknown>): Promise<string> {
  const path = join(cacheFolder, `models-v${VERSION}`, name);
  if (!existsSync(path)) await make(path);
  return path;
}
