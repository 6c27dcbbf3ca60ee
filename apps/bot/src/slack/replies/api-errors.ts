import { setTimeout as sleep } from 'node:timers/promises';
import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { ReplyGoneError } from '../../chat/index.js';

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
export async function patiently<T>(call: () => Promise<T>): Promise<T> {
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

/** The app cannot see or write to a conversation. */
const unreachable = new Set(['not_in_channel', 'channel_not_found', 'is_archived', 'restricted_action']);

const gone = new Set([
  ...unreachable,
  'message_not_found',
  'thread_not_found',
  'invalid_thread_ts',
  'cant_update_message',
  'edit_window_closed',
  'message_not_owned_by_app',
  'stopped_by_user',
]);

export function isUnreachable(error: unknown): boolean {
  return unreachable.has(errorCode(error) ?? '');
}

/** Turns the refusals after which nothing more can be shown into the core's word for it. */
export function asReplyError(error: unknown): unknown {
  const code = errorCode(error);
  if (code === undefined || !gone.has(code)) return error;
  return new ReplyGoneError(`Slack takes no more of this reply: ${code}`, { cause: error });
}

/** The innermost reason of a failed call, such as a name that is not found. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && error.cause !== undefined) return reasonOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}
