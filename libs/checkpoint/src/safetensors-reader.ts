import { z } from 'zod';

import { CheckpointError } from './errors.js';
import type { RandomAccessFile } from './random-access-file.js';
import { openSingleFile, SingleFileReader } from './single-file-reader.js';
import { byteLength, isElementType, type Tensor, type TensorInfo } from './tensor.js';

/** The format's own limit (safetensors README, "Format"). */
const LARGEST_HEADER = 100_000_000;

const header = z.object({ __metadata__: z.record(z.string(), z.string()).nullish() }).catchall(
  z.object({
    dtype: z.string(),
    shape: z.array(z.int().nonnegative()),
    data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
  }),
);

/** Something that safetensors bytes can be read from, such as a file, here or on a server. */
export interface ByteSource {
  readonly path: string;
  readonly size: number;
  /** @param what names the range's content in errors. */
  read(offset: number, length: number, what: string): Promise<Uint8Array>;
}

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** A tensor and where its bytes lie, counted from the start of the file. */
export interface StoredTensor extends TensorInfo {
  readonly offset: number;
}

/**
 * Reads a safetensors file: eight bytes of header length, a JSON header, then the tensors' bytes
 * (https://github.com/huggingface/safetensors#format).
 */
export class SafetensorsReader extends SingleFileReader {
  private constructor(
    file: RandomAccessFile,
    readonly tensors: ReadonlyMap<string, StoredTensor>,
    readonly metadata: ReadonlyMap<string, string>,
  ) {
    super(file);
  }

  static async open(path: string): Promise<SafetensorsReader> {
    return openSingleFile(path, async (file) => {
      const { tensors, metadata } = await readSafetensorsHeader(file);
      return new SafetensorsReader(file, tensors, metadata);
    });
  }

  async read(name: string): Promise<Tensor> {
    const stored = this.tensors.get(name);
    if (!stored)
      throw new CheckpointError('tensor-missing', this.path, `there is no tensor "${name}" in this file`);
    const bytes = await this.file.read(stored.offset, byteLength(stored), `the tensor ${name}`);
    return { name, type: stored.type, shape: stored.shape, bytes };
  }
}

/** Reads which tensors a safetensors file holds and where, without reading them. */
export async function readSafetensorsHeader(source: ByteSource): Promise<SafetensorsHeader> {
  const { path } = source;
  const lengthBytes = await source.read(0, 8, 'the length of the header');
  const headerLength = Number(new DataView(lengthBytes.buffer, lengthBytes.byteOffset).getBigUint64(0, true));
  if (headerLength > LARGEST_HEADER) {
    throw new CheckpointError(
      'damaged',
      path,
      'this is not a safetensors file: it has no header of that format',
    );
  }
  const headerBytes = await source.read(8, headerLength, 'the header');
  const { __metadata__: metadata, ...entries } = parseHeader(path, headerBytes);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(entries)) {
    tensors.set(name, locate(source, 8 + headerLength, name, entry));
  }
  requireSeamless(source, 8 + headerLength, [...tensors.values()]);
  return { tensors, metadata: new Map(Object.entries(metadata ?? {})) };
}

/**
 * The tensors must fill the file from the header to the end, without holes and without sharing bytes, as the format
 * asks for and its Rust reader checks: what lies in between would be carried along unseen.
 *
 * @throws CheckpointError `damaged`
 */
function requireSeamless(
  { path, size }: ByteSource,
  dataStart: number,
  tensors: readonly StoredTensor[],
): void {
  const remedy = 'the file was not written by safetensors itself, or is damaged; download it again';
  let end = dataStart;
  for (const tensor of tensors.toSorted((a, b) => a.offset - b.offset || byteLength(a) - byteLength(b))) {
    if (tensor.offset < end) {
      throw new CheckpointError(
        'damaged',
        path,
        `the tensor ${tensor.name} overlaps the one before it; ${remedy}`,
      );
    }
    if (tensor.offset > end) {
      throw new CheckpointError(
        'damaged',
        path,
        `${tensor.offset - end} bytes before the tensor ${tensor.name} belong to none; ${remedy}`,
      );
    }
    end += byteLength(tensor);
  }
  if (size > end) {
    throw new CheckpointError(
      'damaged',
      path,
      `${size - end} bytes at its end belong to no tensor; ${remedy}`,
    );
  }
}

function parseHeader(path: string, bytes: Uint8Array): z.infer<typeof header> {
  try {
    return header.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new CheckpointError(
      'damaged',
      path,
      'the safetensors header cannot be read; download the file again',
      {
        cause,
      },
    );
  }
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Places a header entry in the file and checks that it can be true. */
function locate(file: ByteSource, dataStart: number, name: string, entry: HeaderEntry): StoredTensor {
  const { dtype: type, shape } = entry;
  const [start, end] = entry.data_offsets;
  if (!isElementType(type)) {
    throw new CheckpointError(
      'unsupported',
      file.path,
      `the tensor ${name} has elements of the unknown type ${type}`,
    );
  }
  if (end - start !== byteLength({ type, shape })) {
    throw new CheckpointError(
      'damaged',
      file.path,
      `the tensor ${name} [${shape.join(', ')}] of ${type} needs ${byteLength({ type, shape })} bytes, ` +
        `but the header gives it ${end - start}`,
    );
  }
  if (dataStart + end > file.size) {
    throw new CheckpointError(
      'damaged',
      file.path,
      `the tensor ${name} should end at byte ${dataStart + end}, but the file ends at ${file.size}: ` +
        'the download was cut off, fetch it again',
    );
  }
  return { name, type, shape, offset: dataStart + start };
}
