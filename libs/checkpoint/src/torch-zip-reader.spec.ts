import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { float32Tensor } from './tensor.js';
import { pickleTensors } from './torch-pickle-writer.js';
import { TorchZipReader } from './torch-zip-reader.js';
import { toFloat32 } from './widen.js';

/** In place of a number that has only 32 bits: the real one is in the zip64 fields. */
const ELSEWHERE = 0xffff_ffff;

/** Writes a stored zip whose sizes and offsets have 64 bits, as torch.save does (PKWARE, APPNOTE.TXT, 4.3 and 4.5.3). */
class Zip64Writer {
  private readonly directory: Buffer[] = [];
  private offset = 0;

  constructor(private readonly file: FileHandle) {}

  /** An entry of `size` bytes, of which `bytes` are the first; the others are a hole in the file. */
  async add(name: string, bytes: Uint8Array, size = bytes.length): Promise<void> {
    const title = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(title.length, 26);

    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    for (const field of [20, 24, 42]) central.writeUInt32LE(ELSEWHERE, field);
    central.writeUInt16LE(title.length, 28);
    const extra = Buffer.alloc(28);
    central.writeUInt16LE(extra.length, 30);
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(24, 2);
    for (const [index, value] of [size, size, this.offset].entries()) {
      extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
    }
    this.directory.push(central, title, extra);
    await this.write(Buffer.concat([local, title, bytes]));
    this.offset += size - bytes.length;
  }

  async finish(entries: number): Promise<void> {
    const start = this.offset;
    const directory = Buffer.concat(this.directory);
    await this.write(directory);
    const end64 = Buffer.alloc(56);
    end64.writeUInt32LE(0x06064b50, 0);
    end64.writeBigUInt64LE(44n, 4);
    for (const [index, value] of [entries, entries, directory.length, start].entries()) {
      end64.writeBigUInt64LE(BigInt(value), 24 + 8 * index);
    }
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(this.offset), 8);
    locator.writeUInt32LE(1, 16);
    const end = Buffer.alloc(22, 0xff);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt32LE(0, 4);
    end.writeUInt16LE(0, 20);
    await this.write(Buffer.concat([end64, locator, end]));
  }

  private async write(bytes: Uint8Array): Promise<void> {
    await this.file.write(bytes, 0, bytes.length, this.offset);
    this.offset += bytes.length;
  }
}

describe('a PyTorch file of more than four gigabytes, as the shards of Vicuna are', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zip64-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is read on either side of the fourth', async () => {
    const path = join(folder, 'pytorch_model-00001-of-00002.bin');
    const count = 1_250_000_000;
    const large = { name: 'large', type: 'F32', shape: [count], bytes: new Uint8Array() } as const;
    const behind = float32Tensor('behind', [3], Float32Array.of(1, 2, 3));
    const file = await open(path, 'w');
    const zip = new Zip64Writer(file);
    await zip.add('archive/data.pkl', pickleTensors('model', [large, behind]));
    await zip.add('archive/data/0', large.bytes, 4 * count);
    await zip.add('archive/data/1', behind.bytes);
    await zip.finish(3);
    await file.close();

    const checkpoint = await TorchZipReader.open(path);
    expect(checkpoint.tensors.get('model.large')?.shape).toEqual([count]);
    expect([...toFloat32(await checkpoint.read('model.behind'))]).toEqual([1, 2, 3]);
    await checkpoint.close();
  });
});
