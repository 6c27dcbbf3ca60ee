import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

const DIGEST_BYTES = 32;

/**
 * Features of images on a disk, found by the images' digests. One file holds records of one size: the digest of the
 * image, then its features. Records are only appended, so several runs may share and fill a cache at the same time.
 */
export class FeatureCache {
  private readonly places = new Map<string, number>();
  private records = 0;

  private constructor(
    private readonly handle: FileHandle,
    private readonly recordBytes: number,
  ) {}

  /**
   * @param identity whatever determines features beside the image: the encoder's weights, the transform
   * @param numbers how many an image has
   */
  static async open(folder: string, identity: readonly unknown[], numbers: number): Promise<FeatureCache> {
    await mkdir(folder, { recursive: true });
    const name = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
    const cache = new FeatureCache(
      await open(join(folder, `${name}.features`), 'a+'),
      DIGEST_BYTES + 4 * numbers,
    );
    await cache.cutBrokenRecord();
    return cache;
  }

  async get(image: Uint8Array): Promise<Float32Array | undefined> {
    const digest = digestOf(image);
    if (!this.places.has(digest)) await this.findNewRecords();
    const place = this.places.get(digest);
    if (place === undefined) return undefined;
    const features = new Uint8Array(this.recordBytes - DIGEST_BYTES);
    await this.handle.read(features, 0, features.length, place * this.recordBytes + DIGEST_BYTES);
    return new Float32Array(features.buffer);
  }

  async set(image: Uint8Array, features: Float32Array): Promise<void> {
    const bytes = new Uint8Array(features.buffer, features.byteOffset, features.byteLength);
    await this.handle.appendFile(Buffer.concat([Buffer.from(digestOf(image), 'hex'), bytes]));
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  /** A run that was killed may have left a part of a record at the end. */
  private async cutBrokenRecord(): Promise<void> {
    const { size } = await this.handle.stat();
    if (size % this.recordBytes !== 0) await this.handle.truncate(size - (size % this.recordBytes));
  }

  /** Takes in what this run and others have appended. */
  private async findNewRecords(): Promise<void> {
    const { size } = await this.handle.stat();
    const digest = Buffer.alloc(DIGEST_BYTES);
    for (const end = Math.floor(size / this.recordBytes); this.records < end; this.records++) {
      await this.handle.read(digest, 0, DIGEST_BYTES, this.records * this.recordBytes);
      this.places.set(digest.toString('hex'), this.records);
    }
  }
}

const digestOf = (image: Uint8Array) => createHash('sha256').update(image).digest('hex');
