import type { CheckpointReader, MetadataValue } from './checkpoint-reader.js';
import { RandomAccessFile } from './random-access-file.js';
import type { Tensor, TensorInfo } from './tensor.js';

/** A checkpoint that is one file, open as long as the reader is. */
export abstract class SingleFileReader implements CheckpointReader {
  abstract readonly tensors: ReadonlyMap<string, TensorInfo>;
  abstract readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly notices: readonly string[] = [];

  protected constructor(protected readonly file: RandomAccessFile) {}

  get path(): string {
    return this.file.path;
  }

  get files(): readonly string[] {
    return [this.path];
  }

  abstract read(name: string): Promise<Tensor>;

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** Opens a file for a reader, and closes it again where none can be made of it. */
export async function openSingleFile<Reader extends SingleFileReader>(
  path: string,
  readerOf: (file: RandomAccessFile) => Promise<Reader>,
): Promise<Reader> {
  const file = await RandomAccessFile.open(path);
  try {
    return await readerOf(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}
