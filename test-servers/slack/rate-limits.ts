/**
 * Calls allowed per method and workspace in one minute.
 * (docs.slack.dev/apis/web-api/rate-limits: tiers 1 to 4 are "1+", "20+", "50+" and "100+" per minute)
 */
const tierLimits = { 1: 1, 2: 20, 3: 50, 4: 100 } as const;

export type Tier = keyof typeof tierLimits;

/** chat.postMessage has its own rule: one message per second and channel, with short bursts tolerated. */
const postingBurst = 4;

const minute = 60_000;

/** Counts calls in a sliding window and says how long a caller over the limit has to wait. */
export class RateLimits {
  private readonly calls = new Map<string, number[]>();
  private readonly forced = new Map<string, number>();
  /** How often each method was answered with 429. */
  readonly refusals = new Map<string, number>();
  /** Methods that were called beyond their limit, once for each call. */
  readonly breaches: string[] = [];

  /** Makes the next call of a method be refused with this Retry-After, as when another caller used the budget up. */
  refuseNext(method: string, retryAfterSeconds: number): void {
    this.forced.set(method, retryAfterSeconds);
  }

  /** Lets a minute pass, in which nobody called. */
  passMinute(): void {
    this.calls.clear();
  }

  /** @returns seconds to wait, or undefined when the call may go on. */
  retryAfter(method: string, tier: Tier | 'posting', channel: string): number | undefined {
    const forced = this.forced.get(method);
    if (forced !== undefined) {
      this.forced.delete(method);
      return this.refuse(method, forced * 1000);
    }
    if (tier === 'posting')
      return this.admit(method, `${method} ${channel}`, postingBurst, postingBurst * 1000);
    return this.admit(method, method, tierLimits[tier], minute);
  }

  private admit(method: string, key: string, limit: number, window: number): number | undefined {
    const now = Date.now();
    const recent = (this.calls.get(key) ?? []).filter((at) => at > now - window);
    this.calls.set(key, recent);
    const oldest = recent[0];
    if (recent.length >= limit && oldest !== undefined) {
      this.breaches.push(method);
      return this.refuse(method, oldest + window - now);
    }
    recent.push(now);
    return undefined;
  }

  private refuse(method: string, waitMs: number): number {
    this.refusals.set(method, (this.refusals.get(method) ?? 0) + 1);
    return Math.max(1, Math.ceil(waitMs / 1000));
  }
}
