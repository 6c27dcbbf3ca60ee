import { LRUCache } from 'lru-cache';

import type { ImageNotice } from '#libs/images';

import type { ImageDigest } from '../engine.js';
import { EngineError } from '../errors.js';
import type { Stage } from '../scheduling/execution-loop.js';
import type { StatisticsListener } from '../statistics.js';
import type { QuestionNetwork } from './question-reader.js';

/** An image as the vision network takes it, and what was seen on the way. */
export interface PreparedImage {
  /** `[3, imageSize, imageSize]` */
  readonly pixelValues: Float32Array;
  /** Of the image file, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Remarks for the person who sent it. */
  readonly notices: readonly ImageNotice[];
}

/** An image as it is kept: what of the vision networks' work does not depend on what is asked about it. */
export interface ImageFeatures extends Omit<PreparedImage, 'pixelValues'> {
  /** `[tokensPerImage, hidden]`, in the decoder's embedding space; where questions are read, `[1 + patches, width]`. */
  readonly features: Float32Array;
}

/** A part of the vision networks that is one network run. */
export type EncoderPiece = (values: Float32Array) => Promise<Float32Array>;

export interface ImageNetworks {
  /** Decodes a file. @throws UnreadableImageError */
  prepare(bytes: Uint8Array): Promise<PreparedImage>;
  /**
   * ViT, Q-Former and projection: each takes what the one before it gave, the first `[3, imageSize, imageSize]`. Where
   * the Q-Former reads questions, the ViT alone.
   */
  readonly pieces: readonly EncoderPiece[];
  readonly questions?: QuestionNetwork;
}

interface EncodingJob {
  readonly image: Promise<ImageFeatures>;
  readonly resolve: (image: ImageFeatures) => void;
  readonly reject: (error: Error) => void;
  /** Requests that still want it. */
  waiters: number;
  prepared?: PreparedImage;
  /** How far the networks are. */
  progress?: { readonly values: Float32Array; readonly piecesDone: number; readonly seconds: number };
}

/**
 * Encodes images, each only once: what was encoded is kept by digest until the cache is full, and requests for an
 * image that is being encoded wait for the same result.
 */
export class ImageEncoder implements Stage {
  private readonly cache?: LRUCache<ImageDigest, ImageFeatures>;
  /** In the order of arrival. */
  private readonly jobs = new Map<ImageDigest, EncodingJob>();

  /**
   * @param pauseSeconds how long one step may take, where a single piece of the networks does not take longer
   * @param wake called when there is work for {@link step}
   */
  constructor(
    private readonly networks: ImageNetworks,
    cacheBytes: number,
    private readonly pauseSeconds: number,
    private readonly statistics: StatisticsListener,
    private readonly wake: () => void,
  ) {
    if (cacheBytes > 0) {
      this.cache = new LRUCache({
        maxSize: cacheBytes,
        sizeCalculation: ({ features }) => features.byteLength,
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
   * @throws UnreadableImageError, EngineError `image-not-cached`
   */
  async encode(
    digest: ImageDigest,
    bytes: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<ImageFeatures & { readonly cached: boolean }> {
    const cached = this.cache?.get(digest);
    this.statistics.onObservation({ kind: 'embedding-cache', hit: cached !== undefined });
    if (cached) return { ...cached, cached: true };

    let job = this.jobs.get(digest);
    if (!job) {
      if (!bytes) throw new EngineError({ code: 'image-not-cached', digest });
      job = this.begin(digest, bytes);
    }
    const joined = job;
    joined.waiters++;
    signal.addEventListener('abort', () => joined.waiters--, { once: true });
    return { ...(await joined.image), cached: false };
  }

  /** Takes the oldest image that is still wanted on by as many pieces of the networks as fit into the pause. */
  async step(): Promise<boolean> {
    const startedAt = performance.now();
    const next = this.nextJob();
    if (!next) return false;
    const [digest, job] = next;
    let longest = 0;
    let spent = 0;
    while (this.jobs.get(digest) === job && spent + longest <= this.pauseSeconds) {
      await this.advance(digest, job, job.prepared);
      longest = Math.max(longest, secondsSince(startedAt) - spent);
      spent = secondsSince(startedAt);
    }
    return true;
  }

  /** The oldest prepared image, without those that nobody wants any more. */
  private nextJob(): readonly [ImageDigest, EncodingJob & { prepared: PreparedImage }] | undefined {
    for (const [digest, job] of this.jobs) {
      if (!isPrepared(job)) continue;
      if (job.waiters > 0) return [digest, job];
      this.jobs.delete(digest);
    }
    return undefined;
  }

  private begin(digest: ImageDigest, bytes: Uint8Array): EncodingJob {
    let resolve!: EncodingJob['resolve'];
    let reject!: EncodingJob['reject'];
    const image = new Promise<ImageFeatures>((...settle) => {
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

  /** Runs one piece of the networks. */
  private async advance(digest: ImageDigest, job: EncodingJob, prepared: PreparedImage): Promise<void> {
    const { pixelValues, ...seen } = prepared;
    const { values, piecesDone, seconds } = job.progress ?? {
      values: pixelValues,
      piecesDone: 0,
      seconds: 0,
    };
    const startedAt = performance.now();
    try {
      job.progress = {
        values: await this.networks.pieces[piecesDone]!(values),
        piecesDone: piecesDone + 1,
        seconds: seconds + secondsSince(startedAt),
      };
    } catch (cause) {
      this.jobs.delete(digest);
      job.reject(new EngineError({ code: 'failed', what: 'Encoding an image failed.' }, { cause }));
      return;
    }
    if (job.progress.piecesDone < this.networks.pieces.length) return;
    this.jobs.delete(digest);
    const image = { ...seen, features: job.progress.values };
    this.cache?.set(digest, image);
    this.statistics.onObservation({ kind: 'image-encode', images: 1, seconds: job.progress.seconds });
    job.resolve(image);
  }
}

function isPrepared(job: EncodingJob): job is EncodingJob & { prepared: PreparedImage } {
  return job.prepared !== undefined;
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}
