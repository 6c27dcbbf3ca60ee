import { type FileHandle, open } from 'node:fs/promises';

import { CheckpointError } from './errors.js';

/** Node reads at most 2 GiB at a time. */
const LARGEST_READ = 1 << 30;

/** A file read by byte ranges. */
export class RandomAccessFile {
  private constructor(
    readonly path: string,
    readonly size: number,
    private readonly handle: FileHandle,
  ) {}

  static async open(path: string): Promise<RandomAccessFile> {
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (cause) {
      throw explainOpening(path, cause);
    }
    const { size } = await handle.stat();
    return new RandomAccessFile(path, size, handle);
  }

  /**
   * Reads a range into fresh memory, aligned for every element type.
   *
   * @param what names the range's content in the error, e.g. "the header".
   * @throws CheckpointError `damaged` when the file ends before the range does.
   */
  async read(offset: number, length: number, what: string): Promise<Uint8Array> {
    if (offset + length > this.size) {
      throw new CheckpointError(
        'damaged',
        this.path,
        `${what} should end at byte ${offset + length}, but the file ends at ${this.size}; download it again`,
      );
    }
    const bytes = new Uint8Array(new ArrayBuffer(length));
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.handle.read({
        buffer: bytes,
        offset: done,
        length: Math.min(length - done, LARGEST_READ),
        position: offset + done,
      });
      if (bytesRead === 0)
        throw new CheckpointError('damaged', this.path, `${what} shrank while it was read`);
      done += bytesRead;
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** What to say of an error at opening a file or folder. */
export function explainOpening(path: string, cause: unknown): CheckpointError {
  const isForbidden = cause instanceof Error && 'code' in cause && cause.code === 'EACCES';
  const problem = isForbidden
    ? 'you have no permission to read it; change that with chmod or chown'
    : 'there is no such file or folder';
  return new CheckpointError('file-missing', path, problem, { cause });
}
