import { CodedError } from '#libs/errors';
import { faultSentence, type ImageFault } from '#libs/images';

import type { ImageDigest } from './engine.js';
import type { Device } from './engine-options.js';

/** What is wrong with one field of a request. */
export interface RequestFault {
  /** Where in the request, such as `['segments', 2, 'image', 'digest']`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Why the engine does not start, or does not answer. */
export type EngineFault =
  /** The request cannot be answered as it is; every field that is at fault, at least one. */
  | { readonly code: 'invalid-request'; readonly fields: readonly RequestFault[] }
  /** Bytes that are no readable image; the prompt's segment that holds it, unless it was sent on its own. */
  | { readonly code: 'invalid-image'; readonly image: ImageFault; readonly segmentIndex?: number }
  /** The prompt leaves no room for a reply. */
  | { readonly code: 'context-length'; readonly promptTokens: number; readonly contextLength: number }
  /** A digest of an image that was never seen here or has left the cache. */
  | { readonly code: 'image-not-cached'; readonly digest: ImageDigest }
  /** As many requests wait as may wait. */
  | { readonly code: 'queue-full'; readonly retryAfterSeconds: number }
  /** The device asked for cannot be used here; a sentence says why, and what to do. */
  | { readonly code: 'device-unavailable'; readonly device: Device; readonly reason: string }
  /** The device has less memory free, in bytes, than the model will take; changes that would make it fit. */
  | {
      readonly code: 'insufficient-memory';
      readonly needed: number;
      readonly available: number;
      readonly remedies: readonly string[];
    }
  /** The engine was closed before the request was answered. */
  | { readonly code: 'closed' }
  /** The engine could not be started, or failed at something that no request is to blame for. */
  | { readonly code: 'failed'; readonly what: string };

export class EngineError extends CodedError<EngineFault['code']> {
  constructor(
    readonly fault: EngineFault,
    options?: ErrorOptions,
  ) {
    super(fault.code, sentenceFor(fault), options);
  }
}

/** Whether the engine refused or failed for this reason. */
export function isEngineFault<Code extends EngineFault['code']>(
  error: unknown,
  code: Code,
): error is EngineError & { readonly fault: Extract<EngineFault, { code: Code }> } {
  return error instanceof EngineError && error.code === code;
}

function sentenceFor(fault: EngineFault): string {
  switch (fault.code) {
    case 'invalid-request':
      return fault.fields.map(({ path, message }) => `${path.join('.')}: ${message}`).join(' ');
    case 'invalid-image':
      return faultSentence(fault.image);
    case 'context-length':
      return (
        `The prompt takes ${fault.promptTokens} tokens, but the context holds ${fault.contextLength} ` +
        'and the reply needs at least one of them. Shorten the prompt or leave out early turns.'
      );
    case 'image-not-cached':
      return `The image ${fault.digest} is not in the cache. Send its bytes.`;
    case 'queue-full':
      return `The queue is full. Try again in ${fault.retryAfterSeconds} seconds.`;
    case 'device-unavailable':
      return `The device "${fault.device}" cannot be used: ${fault.reason}`;
    case 'insufficient-memory': {
      const advice =
        fault.remedies.length > 0
          ? `choose ${fault.remedies.join(', or ')}`
          : 'no setting makes it fit; take a smaller model or a machine with more';
      return `It needs ${inGigabytes(fault.needed)} of memory, but ${inGigabytes(fault.available)} are free: ${advice}.`;
    }
    case 'closed':
      return 'The engine was closed.';
    case 'failed':
      return fault.what;
  }
}

const inGigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
