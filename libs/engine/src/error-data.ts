import { CodedError, hasCode } from '#libs/errors';

import { EngineError, type EngineFault } from './errors.js';

/** An error as it crosses the thread border, where classes are lost. */
export type ErrorData =
  /** `cause` is for the log. */
  | { readonly of: 'engine'; readonly fault: EngineFault; readonly cause?: string }
  | { readonly of: 'model-package'; readonly sentence: string };

export function errorToData(error: unknown): ErrorData {
  if (hasCode(error, 'model-package')) return { of: 'model-package', sentence: error.message };
  if (error instanceof EngineError) {
    return { of: 'engine', fault: error.fault, cause: describeCause(error.cause) };
  }
  return { of: 'engine', fault: { code: 'failed', what: 'The engine failed.' }, cause: describeCause(error) };
}

export function errorFromData(data: ErrorData): CodedError {
  return data.of === 'engine'
    ? new EngineError(data.fault, data.cause === undefined ? undefined : { cause: data.cause })
    : new CodedError('model-package', data.sentence);
}

/** The whole chain of causes, with the innermost stack. */
function describeCause(cause: unknown): string | undefined {
  if (cause === undefined) return undefined;
  if (!(cause instanceof Error)) return String(cause);
  const inner = describeCause(cause.cause);
  return inner ? `${cause.message}: ${inner}` : (cause.stack ?? cause.message);
}
