import { crc32 } from 'node:zlib';
import { openPromise as openZip } from 'yauzl';
import { hasCode } from '#libs/errors';

import type { MetadataValue } from './checkpoint-reader.js';
import { CheckpointError } from './errors.js';
import { flatten } from './flatten.js';
import { PickleError } from './pickle.js';
import type { RandomAccessFile } from './random-access-file.js';
import { openSingleFile, SingleFileReader } from './single-file-reader.js';
import { isContiguous, readStrided, storageElementsNeeded } from './strided.js';
import { byteLength, bytesPerElement, elementCount, type Tensor, type TensorInfo } from './tensor.js';
import { type PickledTensor, unpickleTorch } from './torch-pickle.js';

/** The pickle lists tensors; even the largest models stay far below this. */
const LARGEST_PICKLE = 256 * 2 ** 20;

/** A zip entry's bytes, which `torch.save` never compresses. */
interface StoredEntry {
  readonly offset: number;
  readonly length: number;
  /** 0 where the writer left it out. */
  readonly crc32: number;
}

/**
 * Reads what `torch.save` writes since PyTorch 1.6: a zip file whose `data.pkl` describes tensors as windows
 * on the entries `data/0`, `data/1`, …
 */
export class TorchZipReader extends SingleFileReader {
  private constructor(
    file: RandomAccessFile,
    private readonly storages: ReadonlyMap<string, StoredEntry>,
    private readonly pickled: ReadonlyMap<string, PickledTensor>,
    readonly tensors: ReadonlyMap<string, TensorInfo>,
    readonly metadata: ReadonlyMap<string, MetadataValue>,
  ) {
    super(file);
  }

  static async open(path: string): Promise<TorchZipReader> {
    return openSingleFile(path, async (file) => {
      const entries = await listEntries(path);
      const root = [...entries.keys()]
        .find((name) => name.endsWith('/data.pkl'))
        ?.slice(0, -'data.pkl'.length);
      const pickle = root === undefined ? undefined : entries.get(`${root}data.pkl`);
      if (root === undefined || !pickle) {
        throw new CheckpointError(
          'unsupported',
          path,
          'this zip file holds no data.pkl, so PyTorch did not write it',
        );
      }
      if (pickle.length > LARGEST_PICKLE) {
        throw new CheckpointError(
          'unsupported',
          path,
          `its pickle of ${pickle.length} bytes is too large to be one`,
        );
      }
      const bytes = await file.read(pickle.offset, pickle.length, 'data.pkl');
      const { tensors: pickled, metadata } = flatten(path, readPickle(path, bytes));
      const storages = new Map([...entries].map(([name, entry]) => [name.slice(root.length), entry]));
      const tensors = new Map<string, TensorInfo>();
      for (const [name, tensor] of pickled) {
        tensors.set(name, { name, type: tensor.storage.type, shape: tensor.shape });
      }
      return new TorchZipReader(file, storages, pickled, tensors, metadata);
    });
  }

  async read(name: string): Promise<Tensor> {
    const info = this.tensors.get(name);
    const tensor = this.pickled.get(name);
    if (!info || !tensor)
      throw new CheckpointError('tensor-missing', this.path, `there is no tensor "${name}" in this file`);
    const entry = this.storageOf(name, tensor);
    const elementSize = bytesPerElement[info.type];
    const start = entry.offset + tensor.offset * elementSize;
    if (isContiguous(tensor)) {
      const bytes = await this.file.read(start, byteLength(info), `the tensor ${name}`);
      this.checkIntegrity(name, bytes, entry);
      return this.signed({ ...info, bytes }, tensor);
    }
    const length = storageElementsNeeded(tensor) * elementSize;
    const storage = await this.file.read(start, length, `the tensor ${name}`);
    return this.signed({ ...info, bytes: readStrided(storage, elementSize, tensor) }, tensor);
  }

  /** Carries out the negation that PyTorch left for later. @throws CheckpointError `unsupported` for integers. */
  private signed(tensor: Tensor, { isNegated }: PickledTensor): Tensor {
    if (!isNegated) return tensor;
    if (!['F64', 'F32', 'F16', 'BF16'].includes(tensor.type)) {
      throw new CheckpointError(
        'unsupported',
        this.path,
        `the tensor ${tensor.name} holds ${tensor.type} values whose negation was put off; ` +
          'call .resolve_neg() in PyTorch and save it again',
      );
    }
    const size = bytesPerElement[tensor.type];
    // The sign is the highest bit of the last byte, as numbers are little-endian.
    for (let last = size - 1; last < tensor.bytes.length; last += size) tensor.bytes[last]! ^= 0x80;
    return tensor;
  }

  /** @throws CheckpointError when the entry is missing, or is not what the tensor can be made of. */
  private storageOf(name: string, tensor: PickledTensor): StoredEntry {
    const entry = this.storages.get(`data/${tensor.storage.key}`);
    if (!entry) {
      throw new CheckpointError(
        'damaged',
        this.path,
        `the tensor ${name} lies in the entry data/${tensor.storage.key}, which is missing; download the file again`,
      );
    }
    const needed = (tensor.offset + storageElementsNeeded(tensor)) * bytesPerElement[tensor.storage.type];
    if (needed > entry.length) {
      throw new CheckpointError(
        'damaged',
        this.path,
        `the tensor ${name} [${tensor.shape.join(', ')}] needs ${needed} bytes of the entry ` +
          `data/${tensor.storage.key}, which has ${entry.length}; download the file again`,
      );
    }
    const size = elementCount(tensor.shape) * bytesPerElement[tensor.storage.type];
    // A view may show its few elements many times over. What it takes to read one is bounded by what the file holds.
    if (!(size <= this.file.size)) {
      throw new CheckpointError(
        'unsupported',
        this.path,
        `the tensor ${name} [${tensor.shape.join(', ')}] repeats ${entry.length} bytes until they are more than the ` +
          'whole file; call .contiguous() in PyTorch, if that is meant, and save it again',
      );
    }
    return entry;
  }

  /** The checksum covers a whole entry, which most tensors are. @throws CheckpointError `damaged` */
  private checkIntegrity(name: string, bytes: Uint8Array, entry: StoredEntry): void {
    if (bytes.length !== entry.length || entry.crc32 === 0) return;
    if (crc32(bytes) !== entry.crc32) {
      throw new CheckpointError(
        'damaged',
        this.path,
        `the tensor ${name} is damaged: its checksum is wrong; download the file again`,
      );
    }
  }
}

async function listEntries(path: string): Promise<Map<string, StoredEntry>> {
  try {
    const zip = await openZip(path, { lazyEntries: true, autoClose: false });
    try {
      const entries = new Map<string, StoredEntry>();
      for await (const entry of zip.eachEntry()) {
        if (entry.compressionMethod !== 0) {
          throw new CheckpointError(
            'unsupported',
            path,
            `its entry ${entry.fileName} is compressed; PyTorch writes plain entries, so save it again with torch.save`,
          );
        }
        const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
        entries.set(entry.fileName, {
          offset: fileDataStart,
          length: entry.uncompressedSize,
          crc32: entry.crc32,
        });
      }
      return entries;
    } finally {
      zip.close();
    }
  } catch (cause) {
    if (hasCode(cause, 'unsupported')) throw cause;
    throw new CheckpointError(
      'damaged',
      path,
      'its table of contents cannot be read: the file is damaged or was cut off, download it again',
      { cause },
    );
  }
}

function readPickle(path: string, bytes: Uint8Array) {
  try {
    return unpickleTorch(path, bytes);
  } catch (cause) {
    if (cause instanceof PickleError || cause instanceof TypeError) {
      throw new CheckpointError('unsupported', path, `its data.pkl cannot be read: ${cause.message}`, {
        cause,
      });
    }
    throw cause;
  }
}
