import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { CodedError } from '#libs/errors';
import { UnusablePictureError } from '#libs/vision-model';

/** The folders whose files may be read, with those in the folders in them, and nothing else. */
export class AllowedFolders {
  private constructor(
    /** Without symbolic links. */
    readonly folders: readonly string[],
  ) {}

  /** @throws CodedError `mcp` for a folder that is not there */
  static async open(folders: readonly string[]): Promise<AllowedFolders> {
    const real = folders.map((folder) =>
      realpath(folder).catch((cause: Error) => {
        throw new CodedError('mcp', `Nothing can be allowed in ${folder}: ${cause.message}.`, { cause });
      }),
    );
    return new AllowedFolders(await Promise.all(real));
  }

  /**
   * Reads a file. Symbolic links are followed first, and where they lead to must be allowed. Whether a file that is not
   * allowed exists is not said.
   * @param path absolute, or from one of the folders on
   * @throws UnusablePictureError
   */
  async read(path: string, maxBytes: number): Promise<Uint8Array> {
    const file = await open(
      await this.find(path),
      // Since the path was resolved, no link can be right; without O_NONBLOCK, opening a pipe would wait for its writer.
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    ).catch((cause: Error) => {
      throw new UnusablePictureError(`${path} cannot be read: ${cause.message}.`, { cause });
    });
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw new UnusablePictureError(`${path} is not a file.`);
      if (stats.size > maxBytes)
        throw new UnusablePictureError(`${path} has ${stats.size} bytes; at most ${maxBytes} are taken.`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  }

  private async find(path: string): Promise<string> {
    const candidates = isAbsolute(path) ? [path] : this.folders.map((folder) => join(folder, path));
    for (const candidate of path.includes('\0') ? [] : candidates) {
      const real = await realpath(candidate).catch(() => undefined);
      if (real !== undefined && this.folders.some((folder) => isInside(real, folder))) return real;
    }
    const allowed =
      this.folders.length > 0 ? `in ${this.folders.join(', ')}` : 'nowhere: send the data instead';
    throw new UnusablePictureError(
      `There is no file ${path} that may be read. Files may be read ${allowed}.`,
    );
  }
}

const isInside = (path: string, folder: string) =>
  path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
