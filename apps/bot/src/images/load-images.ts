import { LRUCache } from 'lru-cache';

import { imageDigest, type PromptImage } from '#libs/client';
import { faultByFormat, faultSentence } from '#libs/images';

import { type ImageProblem, type ImageReference, ImageUnavailableError } from '../chat/index.js';

/** An image of the conversation that cannot be used. */
export class UnusableImageError extends Error {
  override readonly name = 'UnusableImageError';

  constructor(
    readonly image: string,
    readonly problem: ImageProblem,
    /** Known when the image was seen before and is no longer to be had. */
    readonly digest: string | undefined,
    options: ErrorOptions,
  ) {
    super(`${image} cannot be used: ${typeof problem === 'string' ? problem : problem.code}.`, options);
  }
}

/** Turns what the platforms refer to into images of a prompt. */
export class ImageLoader {
  /** Digests by the platforms' names of files, so that an image is fetched once and then only named. */
  private readonly digests = new LRUCache<string, string>({ max: 10_000 });

  /**
   * An image of a prompt. It is fetched now, unless its digest is known; then only if the model server needs it.
   * @throws UnusableImageError when it cannot be fetched or is no image the model server can read
   */
  async load(image: ImageReference, signal: AbortSignal): Promise<PromptImage> {
    const known = image.digest ?? (image.key && this.digests.get(image.key));
    if (known) return { digest: known, load: () => checkedBytes(image, known, signal) };
    const bytes = await checkedBytes(image, undefined, signal);
    const digest = imageDigest(bytes);
    if (image.key) this.digests.set(image.key, digest);
    return { digest, load: async () => bytes };
  }
}

async function checkedBytes(
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
