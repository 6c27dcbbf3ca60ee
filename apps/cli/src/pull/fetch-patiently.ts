import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '#libs/errors';

import { proxiedFetch } from '../console/proxied-fetch.js';

/** Statuses by which a server asks to come again later (RFC 9110 and RFC 6585). */
const COME_AGAIN: ReadonlySet<number> = new Set([429, 503]);

const MOST_WAITS = 6;
const LONGEST_WAIT_SECONDS = 300;

/**
 * A `fetch` that waits as long as the server asks for with `Retry-After`, in seconds or as a date. Answers without it
 * are given back as they are.
 *
 * @throws CodedError `pull` when the server asks for more than five minutes; the reason of the request's signal
 */
export const fetchPatiently: typeof fetch = async (input, init) => {
  for (let waits = 0; ; waits++) {
    const response = await proxiedFetch(input, init);
    const seconds = COME_AGAIN.has(response.status) ? secondsToWait(response) : undefined;
    if (seconds === undefined || waits === MOST_WAITS) return response;
    await response.body?.cancel();
    if (seconds > LONGEST_WAIT_SECONDS) {
      throw new CodedError(
        'pull',
        `${new URL(response.url).origin} is busy (status ${response.status}) and asks to come again in ${Math.ceil(seconds / 60)} minutes. What came so far is kept: run the same command again then.`,
      );
    }
    await delay(seconds * 1000, undefined, { signal: init?.signal ?? undefined });
  }
};

function secondsToWait({ headers }: Response): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
