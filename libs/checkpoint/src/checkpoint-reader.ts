import type { Tensor, TensorInfo } from './tensor.js';

export type MetadataValue = string | number | boolean | null;

/**
 * A checkpoint of any format, opened but not loaded: tensors are listed at once and read one by one,
 * so that a model larger than memory can be converted.
 */
export interface CheckpointReader {
  /** What was opened, as the caller named it. */
  readonly path: string;
  /** The files behind it, index files included. */
  readonly files: readonly string[];
  /** What the checkpoint holds, by names joined with dots where dictionaries are nested. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** What lies beside the tensors (a training run's epoch and settings, …), named in the same way. */
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  /** What a person should know of how it was read, in sentences. */
  readonly notices: readonly string[];
  /**
   * Reads one tensor into memory of its own.
   * @throws CheckpointError `tensor-missing` or `damaged`
   */
  read(name: string): Promise<Tensor>;
  close(): Promise<void>;
}
