import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

const DIGEST_BYTES = 32;

/**
 * Features of images on a disk, found by the images' digests. One file holds records of one size: the digest of the
 * image, then its features. Records are only appended; each names its image, so one that a broken-off or another run
 * wrote over is noticed and computed again.
 */
export class FeatureCache {
  private readonly places = new Map<string, number>();

  private constructor(
    private readonly handle: FileHandle,
    private readonly numbers: number,
    private records: number,
  ) {}

  /**
   * @param identity whatever determines features beside the image: the encoder's weights, the transform
   * @param numbers how many an image has
   */
  static async open(folder: string, identity: readonly unknown[], numbers: number): Promise<FeatureCache> {
    await mkdir(folder, { recursive: true });
    const name = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
    const handle = await open(join(folder, `${name}.features`), 'a+').then(async (created) => {
      await created.close();
      return open(join(folder, `${name}.features`), 'r+');
    });
    const { size } = await handle.stat();
    const cache = new FeatureCache(handle, numbers, Math.floor(size / recordBytes(numbers)));
    await cache.readDigests();
    return cache;
  }

  async get(image: Uint8Array): Promise<Float32Array | undefined> {
    const digest = digestOf(image);
    const place = this.places.get(digest.toString('hex'));
    if (place === undefined) return undefined;
    const record = Buffer.alloc(recordBytes(this.numbers));
    await this.handle.read(record, 0, record.length, place * record.length);
    if (!record.subarray(0, DIGEST_BYTES).equals(digest)) return undefined;
    return new Float32Array(record.buffer, record.byteOffset + DIGEST_BYTES, this.numbers);
  }

  async set(image: Uint8Array, features: Float32Array): Promise<void> {
    const digest = digestOf(image);
    const place = this.records++;
    const bytes = new Uint8Array(features.buffer, features.byteOffset, features.byteLength);
    await this.handle.write(
      Buffer.concat([digest, bytes]),
      0,
      recordBytes(this.numbers),
      place * recordBytes(this.numbers),
    );
    this.places.set(digest.toString('hex'), place);
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  private async readDigests(): Promise<void> {
    const digest = Buffer.alloc(DIGEST_BYTES);
    for (let place = 0; place < this.records; place++) {
      await this.handle.read(digest, 0, DIGEST_BYTES, place * recordBytes(this.numbers));
      this.places.set(digest.toString('hex'), place);
    }
  }
}

const recordBytes = (numbers: number) => DIGEST_BYTES + 4 * numbers;
const digestOf = (image: Uint8Array) => createHash('sha256').update(image).digest();
