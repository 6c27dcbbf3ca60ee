import { Injectable } from '@nestjs/common';
import type { REST } from 'discord.js';
import { RESTEvents } from 'discord.js';

/** While the bucket is at least half full, words appear this often. */
const quickMs = 500;

interface Bucket {
  readonly limit: number;
  readonly remaining: number;
  readonly resetsAt: number;
}

/**
 * How fast messages may be edited, by the `X-RateLimit-*` headers of the last edit in the same channel: quick while
 * there is room, then spread over the rest of the window, with one request kept for the last edit (Discord docs,
 * Rate Limits: "rely on the headers").
 */
@Injectable()
export class EditPace {
  private readonly buckets = new Map<string, Bucket>();

  /** Reads the answers to all edits that a client makes. */
  watch(rest: REST): void {
    rest.on(RESTEvents.Response, (request, response) => {
      if (request.method !== 'PATCH') return;
      const place = placeOfEdit(request.path);
      const limit = Number(response.headers.get('x-ratelimit-limit') ?? Number.NaN);
      const remaining = Number(response.headers.get('x-ratelimit-remaining') ?? Number.NaN);
      const resetAfter = Number(response.headers.get('x-ratelimit-reset-after') ?? Number.NaN);
      if (!place || Number.isNaN(limit + remaining + resetAfter)) return;
      this.buckets.delete(place);
      this.buckets.set(place, { limit, remaining, resetsAt: Date.now() + resetAfter * 1_000 });
      this.forgetPast();
    });
  }

  /** Milliseconds to wait before the next edit. @param place a channel's id or an interaction's token */
  interval(place: string): number {
    const bucket = this.buckets.get(place);
    if (!bucket) return quickMs;
    const untilReset = bucket.resetsAt - Date.now();
    if (untilReset <= 0 || bucket.remaining * 2 >= bucket.limit) return quickMs;
    const spare = bucket.remaining - 1;
    return spare > 0 ? Math.max(quickMs, untilReset / spare) : untilReset;
  }

  /** Buckets are remembered in the order of their last edit, so the oldest are first. */
  private forgetPast(): void {
    const now = Date.now();
    for (const [place, { resetsAt }] of this.buckets) {
      if (resetsAt > now) return;
      this.buckets.delete(place);
    }
  }
}

function placeOfEdit(path: string): string | undefined {
  return /^\/(?:channels|webhooks\/\d+)\/([^/]+)\/messages\//.exec(path)?.[1];
}
