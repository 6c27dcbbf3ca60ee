import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Tensor } from './tensor.js';
import { pickleTensors } from './torch-pickle-writer.js';

/** What fits the plain zip format that is written here. */
const LARGEST_FILE = 2 ** 32 - 1;

/**
 * Writes what `torch.save({'model': {name: tensor, …}}, path)` writes, so that `torch.load` reads it: the layout of
 * MiniGPT-4's own checkpoints. The file appears complete or not at all.
 *
 * @throws RangeError for tensors other than float32 ones, or of more than 4 GiB
 */
export async function writeTorchCheckpoint(path: string, tensors: readonly Tensor[]): Promise<void> {
  const root = basename(path, extname(path));
  const zip = new StoredZip();
  zip.add(`${root}/data.pkl`, pickleTensors('model', tensors));
  for (const [index, { bytes }] of tensors.entries()) zip.add(`${root}/data/${index}`, bytes);
  zip.add(`${root}/version`, Buffer.from('3\n'));
  const partial = `${path}.partial`;
  try {
    await writeFile(partial, zip.finish(), { flush: true });
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** A zip file of entries that are not compressed (PKWARE, APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16). */
class StoredZip {
  private readonly parts: Uint8Array[] = [];
  private readonly directory: Buffer[] = [];
  private offset = 0;

  add(name: string, bytes: Uint8Array): void {
    const fields = entryFields(bytes);
    const title = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    fields.copy(local, 4);
    local.writeUInt16LE(title.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(VERSION, 4);
    fields.copy(central, 6);
    central.writeUInt16LE(title.length, 28);
    central.writeUInt32LE(this.offset, 42);
    this.directory.push(central, title);
    this.write(local, title, bytes);
  }

  finish(): Uint8Array {
    const directory = Buffer.concat(this.directory);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(this.directory.length / 2, 8);
    end.writeUInt16LE(this.directory.length / 2, 10);
    end.writeUInt32LE(directory.length, 12);
    end.writeUInt32LE(this.offset, 16);
    this.write(directory, end);
    return Buffer.concat(this.parts);
  }

  private write(...parts: readonly Uint8Array[]): void {
    for (const part of parts) {
      this.parts.push(part);
      this.offset += part.length;
    }
    if (this.offset > LARGEST_FILE) throw new RangeError('a PyTorch file of more than 4 GiB is not written');
  }
}

/** The version of the zip format that knows folders. */
const VERSION = 20;

/** The fields that the header of an entry and the directory have in common. */
function entryFields(bytes: Uint8Array): Buffer {
  const fields = Buffer.alloc(22);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(0x21, 8); // 1 January 1980, so that the same weights give the same file
  fields.writeUInt32LE(crc32(bytes), 10);
  fields.writeUInt32LE(bytes.length, 14);
  fields.writeUInt32LE(bytes.length, 18);
  return fields;
}
