import { faultSentence, type ImageFault } from '#libs/images';

export { ModelPackageError } from '#libs/model-package';

import type { ImageDigest } from './engine.js';
import type { Device } from './engine-options.js';

/** What is wrong with one field of a request. */
export interface RequestFault {
  /** Where in the request, such as `['segments', 2, 'image', 'digest']`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A request that cannot be answered as it is, with every field that is at fault. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError';

  constructor(
    /** At least one. */
    readonly faults: readonly RequestFault[],
  ) {
    super(faults.map(({ path, message }) => `${path.join('.')}: ${message}`).join(' '));
  }
}

/** Bytes that are no readable image, or an image that is too large; `fault` says which. */
export class InvalidImageError extends Error {
  override readonly name = 'InvalidImageError';

  constructor(
    readonly fault: ImageFault,
    /** The segment of the prompt that holds it; absent when it was sent on its own. */
    readonly segmentIndex?: number,
    options?: ErrorOptions,
  ) {
    super(faultSentence(fault), options);
  }
}

/** A prompt that leaves no room for a reply. */
export class ContextLengthError extends Error {
  override readonly name = 'ContextLengthError';

  constructor(
    readonly promptTokens: number,
    readonly contextLength: number,
  ) {
    super(
      `The prompt takes ${promptTokens} tokens, but the context holds ${contextLength} ` +
        'and the reply needs at least one of them. Shorten the prompt or leave out early turns.',
    );
  }
}

/** A digest of an image that was never seen here or has left the cache. */
export class ImageNotCachedError extends Error {
  override readonly name = 'ImageNotCachedError';

  constructor(readonly digest: ImageDigest) {
    super(`The image ${digest} is not in the cache. Send its bytes.`);
  }
}

/** As many requests wait as may wait. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';

  constructor(readonly retryAfterSeconds: number) {
    super(`The queue is full. Try again in ${retryAfterSeconds} seconds.`);
  }
}

/** The device asked for cannot be used here. */
export class DeviceUnavailableError extends Error {
  override readonly name = 'DeviceUnavailableError';

  constructor(
    readonly device: Device,
    /** A sentence: why, and what to do. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`The device "${device}" cannot be used: ${reason}`, options);
  }
}

/** The device has less memory free than the model will take. */
export class InsufficientMemoryError extends Error {
  override readonly name = 'InsufficientMemoryError';

  constructor(
    /** Bytes. */
    readonly needed: number,
    /** Bytes. */
    readonly available: number,
    /** Changes that would make it fit. */
    readonly remedies: readonly string[],
  ) {
    const advice =
      remedies.length > 0
        ? `choose ${remedies.join(', or ')}`
        : 'no setting makes it fit; take a smaller model or a machine with more';
    super(`It needs ${inGigabytes(needed)} of memory, but ${inGigabytes(available)} are free: ${advice}.`);
  }
}

const inGigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

/** The engine could not be started, or failed at something that no request is to blame for. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

/** The engine was closed before the request was answered. */
export class EngineClosedError extends Error {
  override readonly name = 'EngineClosedError';

  constructor() {
    super('The engine was closed.');
  }
}
