import { type FileHandle, open } from 'node:fs/promises';

import { byteLength, bytesPerElement, type Tensor, type TensorInfo } from './tensor.js';

const ALIGNMENT = 64;

interface Place {
  readonly info: TensorInfo;
  /** Counted from the start of the file. */
  readonly offset: number;
}

/** Where everything will be in a safetensors file. */
export interface SafetensorsLayout {
  /** The file's first bytes. */
  readonly header: Uint8Array;
  readonly places: ReadonlyMap<string, Place>;
  readonly fileSize: number;
}

/**
 * Writes a safetensors file tensor by tensor, so that only one has to be in memory. Names and shapes are
 * needed at the start, for the header; the tensors may then come in any order.
 *
 * Every tensor whose size is a multiple of 64 bytes starts at such a multiple, so that a runtime can map the
 * file and read with aligned instructions. The format allows no gaps between tensors, so the few odd-sized
 * ones lie together at the end.
 */
class SafetensorsWriter {
  private readonly missing: Set<string>;

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private readonly places: ReadonlyMap<string, Place>,
  ) {
    this.missing = new Set(places.keys());
  }

  /** Creates the file and writes its header. An existing file is replaced. */
  static async create(
    path: string,
    tensors: readonly TensorInfo[],
    metadata: Readonly<Record<string, string>> = {},
  ): Promise<SafetensorsWriter> {
    const { header, places } = layOutSafetensors(tensors, metadata);
    const handle = await open(path, 'w');
    const writer = new SafetensorsWriter(path, handle, places);
    try {
      await handle.writeFile(header);
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    return writer;
  }

  /** @throws RangeError when the tensor was not announced, or in another type or shape. */
  async write(tensor: Tensor): Promise<void> {
    const place = this.places.get(tensor.name);
    if (!place || describe(place.info) !== describe(tensor) || tensor.bytes.length !== byteLength(tensor)) {
      const announced = place ? `as ${describe(place.info)}` : 'not at all';
      throw new RangeError(`${tensor.name} comes as ${describe(tensor)} but was announced ${announced}`);
    }
    for (let done = 0; done < tensor.bytes.length; ) {
      const rest = tensor.bytes.subarray(done, done + LARGEST_WRITE);
      const { bytesWritten } = await this.handle.write(rest, 0, rest.length, place.offset + done);
      done += bytesWritten;
    }
    this.missing.delete(tensor.name);
  }

  /**
   * Brings everything to disk.
   * @throws RangeError when an announced tensor never came.
   */
  async finish(): Promise<void> {
    if (this.missing.size > 0) {
      throw new RangeError(`${this.path} lacks the tensors ${[...this.missing].join(', ')}`);
    }
    await this.handle.sync();
    await this.handle.close();
  }

  /** Closes the file as it is, after a failure that says more than any that closing could add. */
  async abandon(): Promise<void> {
    await this.handle.close().catch(() => {});
  }
}

/**
 * Writes a whole file, whose tensors `produce` hands over one by one, so that they need not be in memory together.
 * When that fails, what is there of the file is left behind, closed.
 *
 * @param announced names, types and shapes of all tensors
 * @throws RangeError when a tensor comes that was not announced so, or one never comes
 */
export async function streamSafetensors(
  path: string,
  announced: readonly TensorInfo[],
  produce: (write: (tensor: Tensor) => Promise<void>) => Promise<void>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  const writer = await SafetensorsWriter.create(path, announced, metadata);
  try {
    await produce((tensor) => writer.write(tensor));
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** Writes tensors that are in memory to a file. */
export async function writeSafetensors(
  path: string,
  tensors: readonly Tensor[],
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  const writeAll = async (write: (tensor: Tensor) => Promise<void>) => {
    for (const tensor of tensors) await write(tensor);
  };
  await streamSafetensors(path, tensors, writeAll, metadata);
}

/** Node writes at most 2 GiB at a time. */
const LARGEST_WRITE = 1 << 30;

/** @throws RangeError when two tensors have the same name. */
export function layOutSafetensors(
  tensors: readonly TensorInfo[],
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsLayout {
  const entries: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  const placed: Place[] = [];
  let offset = 0;
  for (const info of inFileOrder(tensors)) {
    const end = offset + byteLength(info);
    entries[info.name] = { dtype: info.type, shape: info.shape, data_offsets: [offset, end] };
    placed.push({ info, offset });
    offset = end;
  }
  const header = encodeHeader(entries);
  const places = new Map(
    placed.map((place) => [place.info.name, { ...place, offset: header.length + place.offset }]),
  );
  if (places.size !== tensors.length) throw new RangeError('two tensors have the same name');
  return { header, places, fileSize: header.length + offset };
}

/** Aligned sizes first, then the odd ones with wide elements before narrow ones, which keeps those aligned too. */
function inFileOrder(tensors: readonly TensorInfo[]): TensorInfo[] {
  const isAligned = (info: TensorInfo) => byteLength(info) % ALIGNMENT === 0;
  const odd = tensors.filter((info) => !isAligned(info));
  return [
    ...tensors.filter(isAligned),
    ...odd.toSorted((a, b) => bytesPerElement[b.type] - bytesPerElement[a.type]),
  ];
}

/** Length, JSON, and spaces up to the alignment, which the format allows. */
function encodeHeader(entries: Readonly<Record<string, unknown>>): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(entries));
  const size = Math.ceil((8 + json.length) / ALIGNMENT) * ALIGNMENT;
  const header = new Uint8Array(size).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(size - 8), true);
  header.set(json, 8);
  return header;
}

function describe({ type, shape }: TensorInfo): string {
  return `${type} [${shape.join(', ')}]`;
}
