import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { imageDigest, type PromptImage } from '#libs/client';
import { CodedError } from '#libs/errors';
import { faultByFormat, faultSentence, stillsOfAnimation, UnreadableImageError } from '#libs/images';

import { type ImageProblem, type ImageReference, ImageUnavailableError } from '../contract/index.js';

/** An image of the conversation that cannot be used. */
export class UnusableImageError extends CodedError {
  constructor(
    readonly image: string,
    readonly problem: ImageProblem,
    /** Known when the image was seen before and is no longer to be had. */
    readonly digest: string | undefined,
    options: ErrorOptions,
  ) {
    super(
      'unusable-image',
      `${image} cannot be used: ${typeof problem === 'string' ? problem : problem.code}.`,
      options,
    );
  }
}

/** The largest frame, in pixels, that the model server takes by default. */
const maxPixels = 50_000_000;

/** Turns what the platforms refer to into images of a prompt. */
@Injectable()
export class ImageLoader {
  /** Digests by the platforms' names of files, so that an image is fetched once and then only named. */
  private readonly digests = new LRUCache<string, string>({ max: 10_000 });

  /** Digests of the stills of images, by the image and how many were wanted. */
  private readonly stills = new LRUCache<string, readonly string[]>({ max: 10_000 });

  /**
   * An image of a prompt. It is fetched now, unless its digest is known; then only if the model server needs it.
   * @throws UnusableImageError when it cannot be fetched or is no image the model server can read
   */
  async load(image: ImageReference, signal: AbortSignal): Promise<PromptImage> {
    const known = image.digest ?? (image.key && this.digests.get(image.key));
    if (known) return { digest: known, load: () => loadChecked(image, known, signal) };
    const bytes = await loadChecked(image, undefined, signal);
    const digest = imageDigest(bytes);
    if (image.key) this.digests.set(image.key, digest);
    return { digest, load: async () => bytes };
  }

  /** Stills of an animation, evenly from its first frame to its last; none of another image. */
  async stillsOf(image: PromptImage & { readonly name: string }, most: number): Promise<PromptImage[]> {
    const key = `${most} ${image.digest}`;
    const files = once(() => cutStills(image, most));
    const digests = this.stills.get(key) ?? (await files()).map(imageDigest);
    this.stills.set(key, digests);
    return digests.map((digest, index) => ({
      digest,
      load: async () => {
        const still = (await files())[index];
        if (still) return still;
        throw new UnusableImageError(image.name, 'gone', digest, {});
      },
    }));
  }
}

async function loadChecked(
  image: ImageReference,
  known: string | undefined,
  signal: AbortSignal,
): Promise<Uint8Array> {
  try {
    const bytes = await image.load(signal);
    const fault = faultByFormat(bytes);
    if (fault) throw new ImageUnavailableError(fault, faultSentence(fault));
    return bytes;
  } catch (error) {
    if (!(error instanceof ImageUnavailableError)) throw error;
    throw new UnusableImageError(image.name, error.problem, known, { cause: error });
  }
}

/** An image that cannot be fetched or read has no stills. The model server judges it when it looks at the whole. */
async function cutStills(image: PromptImage, most: number): Promise<readonly Uint8Array[]> {
  try {
    return await stillsOfAnimation(await image.load(), { maxPixels, most });
  } catch (error) {
    if (error instanceof UnreadableImageError || error instanceof UnusableImageError) return [];
    throw error;
  }
}

function once<Result>(compute: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= compute();
    return result;
  };
}
