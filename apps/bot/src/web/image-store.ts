import { LRUCache } from 'lru-cache';

import { imageDigest } from '#libs/client';

const maxBytes = 128 * 1024 * 1024;

/** Images that pages have uploaded, by digest. Pages keep their own copies and upload them again when asked. */
export class ImageStore {
  private readonly images = new LRUCache<string, Uint8Array>({
    maxSize: maxBytes,
    sizeCalculation: (bytes) => Math.max(1, bytes.length),
  });

  /** Keeps an image and returns its digest. */
  add(bytes: Uint8Array): string {
    const digest = imageDigest(bytes);
    this.images.set(digest, bytes);
    return digest;
  }

  get(digest: string): Uint8Array | undefined {
    return this.images.get(digest);
  }
}
