import { setTimeout as sleep } from 'node:timers/promises';
import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { z } from 'zod';
import { CodedError } from '#libs/errors';
import { ReplyGoneError } from '../../contract/index.js';
import { wrongField } from '../../foreign-json.js';

/** How often a call that has to succeed is tried again after a Retry-After. */
const patience = 6;

/** The code Slack refused a call with, such as `channel_not_found`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof WebAPIPlatformError ? error.data.error : undefined;
}

/** Seconds that Slack asks to wait, when it refused a call for its rate. */
export function retryAfter(error: unknown): number | undefined {
  return error instanceof WebAPIRateLimitedError ? error.retryAfter : undefined;
}

/** Makes a call that has to succeed: waits as long as Slack asks and tries again. */
export async function callPatiently<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const seconds = retryAfter(error);
      if (seconds === undefined || attempt === patience) throw error;
      await sleep(seconds * 1_000);
    }
  }
}

/** Slack takes a message in no form at this place, or not at all: it has to go elsewhere. */
export class PlaceRefusedError extends CodedError {
  constructor(
    /** Slack's own code. */
    readonly why: string,
    options?: ErrorOptions,
  ) {
    super('place-refused', `Slack takes no message here: ${why}`, options);
  }
}

/** Refusals of what a message holds beside its text: it may be taken without (Slack docs, chat.postMessage, errors). */
const contentRefusals = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
  'too_many_blocks',
  'block_mismatch',
  'invalid_metadata_format',
  'invalid_metadata_schema',
  'metadata_too_large',
]);

/** The reply was deleted or its reader stopped it: nobody waits for the rest. */
const gone = new Set(['message_not_found', 'stopped_by_user']);

/** Failures of the server, not of the message: the next call may work. */
const passing = new Set([
  'fatal_error',
  'internal_error',
  'ratelimited',
  'request_timeout',
  'service_unavailable',
  'streaming_state_conflict',
  'update_failed',
]);

export function isContentRefusal(error: unknown): boolean {
  return contentRefusals.has(errorCode(error) ?? '');
}

/** Tells a reply that is gone, and a place that takes none, from a call that failed. */
export function translateError(error: unknown): unknown {
  const code = errorCode(error);
  if (code === undefined || passing.has(code)) return error;
  if (gone.has(code))
    return new ReplyGoneError(`Slack takes no more of this reply: ${code}`, { cause: error });
  return new PlaceRefusedError(code, { cause: error });
}

/** The innermost reason of a failed call, such as a name that is not found. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && error.cause !== undefined) return reasonOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}

/** What went wrong, for one line of the log. Schema errors list what was expected and never what came. */
export function firstLine(error: unknown): string {
  if (error instanceof z.ZodError) return wrongField(error);
  const [line = ''] = `${errorCode(error) ?? reasonOf(error)}`.split('\n');
  return line.slice(0, 200);
}
