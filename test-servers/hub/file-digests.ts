import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Larger files are holes, of which no disk takes a copy: their content is never asked for. */
const LARGEST_FILE = 1e12;

/** The SHA-256 of files, worked out once for each version of a file. */
export class FileDigests {
  private readonly known = new Map<string, Promise<string>>();

  async sha256(path: string): Promise<string> {
    const { size, mtimeMs } = await stat(path);
    const version = `${path} ${size} ${mtimeMs}`;
    const digest = this.known.get(version) ?? sha256Of(path);
    this.known.set(version, digest);
    return digest;
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  if ((await stat(path)).size > LARGEST_FILE) return hash.digest('hex');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}
