import { LRUCache } from 'lru-cache';

import type { ImageDigest } from '../engine.js';
import { EngineError, ImageNotCachedError } from '../errors.js';
import type { Stage } from '../scheduling/execution-loop.js';
import type { StatisticsListener } from '../statistics.js';

/** An image as the vision network takes it, and what was seen on the way. */
export interface PreparedImage {
  /** `[3, imageSize, imageSize]` */
  readonly pixelValues: Float32Array;
  /** Of the image file, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Remarks for the person who sent it. */
  readonly notices: readonly string[];
}

/** An image in the decoder's embedding space. */
export interface ProjectedImage extends Omit<PreparedImage, 'pixelValues'> {
  /** `[tokensPerImage, hidden]` */
  readonly projection: Float32Array;
}

export interface ImageNetworks {
  /** Decodes a file. @throws UnreadableImageError */
  prepare(bytes: Uint8Array): Promise<PreparedImage>;
  /** Runs ViT, Q-Former and projection on `[3, imageSize, imageSize]`. */
  project(pixelValues: Float32Array): Promise<Float32Array>;
}

interface EncodingJob {
  readonly image: Promise<ProjectedImage>;
  readonly resolve: (image: ProjectedImage) => void;
  readonly reject: (error: Error) => void;
  /** Requests that still want it. */
  waiters: number;
  prepared?: PreparedImage;
}

/**
 * Encodes images, each only once: what was encoded is kept by digest until the cache is full, and requests for an
 * image that is being encoded wait for the same result.
 */
export class ImageEncoder implements Stage {
  private readonly cache?: LRUCache<ImageDigest, ProjectedImage>;
  /** In the order of arrival. */
  private readonly jobs = new Map<ImageDigest, EncodingJob>();

  /** @param wake called when there is work for {@link step} */
  constructor(
    private readonly networks: ImageNetworks,
    cacheBytes: number,
    private readonly statistics: StatisticsListener,
    private readonly wake: () => void,
  ) {
    if (cacheBytes > 0) {
      this.cache = new LRUCache({
        maxSize: cacheBytes,
        sizeCalculation: ({ projection }) => projection.byteLength,
      });
    }
  }

  /** Images that are being decoded or wait for the networks. */
  get pending(): number {
    return this.jobs.size;
  }

  get cachedBytes(): number {
    return this.cache?.calculatedSize ?? 0;
  }

  /**
   * @param bytes may be left out for an image that is cached or being encoded
   * @param signal aborted when the request no longer wants the image; the promise then never settles
   * @throws UnreadableImageError, ImageNotCachedError
   */
  async encode(
    digest: ImageDigest,
    bytes: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<ProjectedImage & { readonly cached: boolean }> {
    const cached = this.cache?.get(digest);
    this.statistics.onObservation({ kind: 'embedding-cache', hit: cached !== undefined });
    if (cached) return { ...cached, cached: true };

    let job = this.jobs.get(digest);
    if (!job) {
      if (!bytes) throw new ImageNotCachedError(digest);
      job = this.begin(digest, bytes);
    }
    const joined = job;
    joined.waiters++;
    signal.addEventListener('abort', () => joined.waiters--, { once: true });
    return { ...(await joined.image), cached: false };
  }

  /** Runs the networks on the oldest image that is still wanted. */
  async step(): Promise<boolean> {
    for (const [digest, job] of this.jobs) {
      if (!job.prepared) continue;
      if (job.waiters > 0) {
        await this.project(digest, job, job.prepared);
        return true;
      }
      this.jobs.delete(digest);
    }
    return false;
  }

  private begin(digest: ImageDigest, bytes: Uint8Array): EncodingJob {
    let resolve!: EncodingJob['resolve'];
    let reject!: EncodingJob['reject'];
    const image = new Promise<ProjectedImage>((...settle) => {
      [resolve, reject] = settle;
    });
    const job: EncodingJob = { image, resolve, reject, waiters: 0 };
    this.jobs.set(digest, job);
    this.networks.prepare(bytes).then(
      (prepared) => {
        job.prepared = prepared;
        this.wake();
      },
      (error: Error) => {
        this.jobs.delete(digest);
        job.reject(error);
      },
    );
    return job;
  }

  private async project(digest: ImageDigest, job: EncodingJob, prepared: PreparedImage): Promise<void> {
    const { pixelValues, ...seen } = prepared;
    const startedAt = performance.now();
    try {
      const image = { ...seen, projection: await this.networks.project(pixelValues) };
      this.cache?.set(digest, image);
      job.resolve(image);
    } catch (cause) {
      job.reject(new EngineError('Encoding an image failed.', { cause }));
    }
    this.jobs.delete(digest);
    this.statistics.onObservation({
      kind: 'image-encode',
      images: 1,
      seconds: (performance.now() - startedAt) / 1000,
    });
  }
}
