import type { ImageFault } from '#libs/images';
import type { ImageDigest } from './engine.js';
import type { Device } from './engine-options.js';
import {
  ContextLengthError,
  DeviceUnavailableError,
  EngineError,
  ImageNotCachedError,
  InsufficientMemoryError,
  InvalidImageError,
  ModelPackageError,
  QueueFullError,
} from './errors.js';

/** An error as it crosses the thread border, where classes are lost. */
export type ErrorData =
  | { readonly kind: 'context-length'; readonly promptTokens: number; readonly contextLength: number }
  | { readonly kind: 'invalid-image'; readonly fault: ImageFault; readonly segmentIndex?: number }
  | { readonly kind: 'image-not-cached'; readonly digest: ImageDigest }
  | { readonly kind: 'queue-full'; readonly retryAfterSeconds: number }
  | { readonly kind: 'device-unavailable'; readonly device: Device; readonly reason: string }
  | {
      readonly kind: 'insufficient-memory';
      readonly needed: number;
      readonly available: number;
      readonly remedies: readonly string[];
    }
  | { readonly kind: 'model-package'; readonly message: string }
  /** `cause` is for the log. */
  | { readonly kind: 'engine'; readonly message: string; readonly cause?: string };

export function errorToData(error: unknown): ErrorData {
  if (error instanceof ContextLengthError) {
    const { promptTokens, contextLength } = error;
    return { kind: 'context-length', promptTokens, contextLength };
  }
  if (error instanceof InvalidImageError) {
    return { kind: 'invalid-image', fault: error.fault, segmentIndex: error.segmentIndex };
  }
  if (error instanceof ImageNotCachedError) return { kind: 'image-not-cached', digest: error.digest };
  if (error instanceof QueueFullError) {
    return { kind: 'queue-full', retryAfterSeconds: error.retryAfterSeconds };
  }
  if (error instanceof DeviceUnavailableError) {
    return { kind: 'device-unavailable', device: error.device, reason: error.reason };
  }
  if (error instanceof InsufficientMemoryError) {
    const { needed, available, remedies } = error;
    return { kind: 'insufficient-memory', needed, available, remedies };
  }
  if (error instanceof ModelPackageError) return { kind: 'model-package', message: error.message };
  if (error instanceof EngineError) {
    return { kind: 'engine', message: error.message, cause: describeCause(error.cause) };
  }
  return { kind: 'engine', message: 'The engine failed.', cause: describeCause(error) };
}

export function errorFromData(data: ErrorData): Error {
  switch (data.kind) {
    case 'context-length':
      return new ContextLengthError(data.promptTokens, data.contextLength);
    case 'invalid-image':
      return new InvalidImageError(data.fault, data.segmentIndex);
    case 'image-not-cached':
      return new ImageNotCachedError(data.digest);
    case 'queue-full':
      return new QueueFullError(data.retryAfterSeconds);
    case 'device-unavailable':
      return new DeviceUnavailableError(data.device, data.reason);
    case 'insufficient-memory':
      return new InsufficientMemoryError(data.needed, data.available, data.remedies);
    case 'model-package':
      return new ModelPackageError(data.message);
    case 'engine':
      return new EngineError(data.message, { cause: data.cause });
  }
}

/** The whole chain of causes, with the innermost stack. */
function describeCause(cause: unknown): string | undefined {
  if (cause === undefined) return undefined;
  if (!(cause instanceof Error)) return String(cause);
  const inner = describeCause(cause.cause);
  return inner ? `${cause.message}: ${inner}` : (cause.stack ?? cause.message);
}
