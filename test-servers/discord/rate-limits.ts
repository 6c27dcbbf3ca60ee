import { createHash } from 'node:crypto';

/** How many requests a bucket takes in a window. */
export interface BucketRule {
  readonly limit: number;
  readonly windowMs: number;
}

/**
 * Discord publishes no numbers ("we don't put rate limit details in our documentation") and tells clients to
 * follow the headers. These are the ones that bots observe: five sends and five edits in five seconds a channel.
 */
export const OBSERVED_RULES: Readonly<Record<string, BucketRule>> = {
  'POST /channels/:channel/messages': { limit: 5, windowMs: 5000 },
  'PATCH /channels/:channel/messages/:message': { limit: 5, windowMs: 5000 },
  'POST /webhooks/:application/:token': { limit: 5, windowMs: 2000 },
  'PATCH /webhooks/:application/:token/messages/:message': { limit: 5, windowMs: 2000 },
};

const OTHER_ROUTES: BucketRule = { limit: 50, windowMs: 1000 };

/** "All bots can make up to 50 requests per second" (Discord docs, Rate Limits: global). */
const GLOBAL: BucketRule = { limit: 50, windowMs: 1000 };

class Bucket {
  private used = 0;
  private asked = 0;
  private resetAt = 0;

  constructor(readonly rule: BucketRule) {}

  /** Takes one request out of the bucket; false when it is empty. */
  take(now: number): boolean {
    if (now >= this.resetAt) {
      this.used = 0;
      this.asked = 0;
      this.resetAt = now + this.rule.windowMs;
    }
    this.asked++;
    if (this.used >= this.rule.limit) return false;
    this.used++;
    return true;
  }

  /** Whether more was asked for than two windows of a client that keeps to the limit can bring into one of these. */
  isOverrun(): boolean {
    return this.asked > 2 * this.rule.limit;
  }

  remaining(): number {
    return this.rule.limit - this.used;
  }

  secondsToReset(now: number): number {
    return Math.max(0, this.resetAt - now) / 1000;
  }

  resetsAt(): number {
    return this.resetAt / 1000;
  }
}

export interface RateLimitVerdict {
  readonly allowed: boolean;
  readonly headers: Record<string, string>;
  readonly global: boolean;
  readonly retryAfter: number;
}

/** A request that came too early, kept so that tests can say there was none. */
export interface RateLimitViolation {
  readonly route: string;
  readonly majorParameter: string;
  readonly at: number;
}

/** Counts requests per route and major parameter and answers with Discord's headers (Discord docs, Rate Limits). */
export class RateLimits {
  readonly violations: RateLimitViolation[] = [];
  private readonly buckets = new Map<string, Bucket>();
  private readonly globalBucket = new Bucket(GLOBAL);

  constructor(private readonly rules: Readonly<Record<string, BucketRule>>) {}

  /**
   * @param route method and path pattern, e.g. `PATCH /channels/:channel/messages/:message`
   * @param majorParameter the id that splits the route's limit: channel, guild or webhook id with its token
   */
  check(route: string, majorParameter: string): RateLimitVerdict {
    const now = Date.now();
    const countsGlobally = !isInteractionRoute(route);
    if (countsGlobally && !this.globalBucket.take(now)) {
      // The global limit has no headers to keep in step by: a client counts a second from its first sending, and this
      // server from the first arrival. On a busy machine that came late, and the client's next second falls into it.
      if (this.globalBucket.isOverrun()) this.violations.push({ route, majorParameter, at: now });
      const retryAfter = this.globalBucket.secondsToReset(now);
      return {
        allowed: false,
        global: true,
        retryAfter,
        headers: {
          'Retry-After': String(retryAfter),
          'X-RateLimit-Global': 'true',
          'X-RateLimit-Scope': 'global',
        },
      };
    }
    if (route === 'POST /interactions/:interaction/:token/callback') {
      return { allowed: true, global: false, retryAfter: 0, headers: {} };
    }
    const bucket = this.bucket(route, majorParameter);
    const allowed = bucket.take(now);
    const retryAfter = bucket.secondsToReset(now);
    const headers: Record<string, string> = {
      'X-RateLimit-Limit': String(bucket.rule.limit),
      'X-RateLimit-Remaining': String(bucket.remaining()),
      'X-RateLimit-Reset': bucket.resetsAt().toFixed(3),
      'X-RateLimit-Reset-After': retryAfter.toFixed(3),
      'X-RateLimit-Bucket': createHash('sha1').update(route).digest('hex').slice(0, 32),
    };
    if (!allowed) {
      this.violations.push({ route, majorParameter, at: now });
      headers['Retry-After'] = retryAfter.toFixed(3);
      headers['X-RateLimit-Scope'] = 'user';
    }
    return { allowed, global: false, retryAfter, headers };
  }

  private bucket(route: string, majorParameter: string): Bucket {
    const key = `${route} ${majorParameter}`;
    let bucket = this.buckets.get(key);
    if (!bucket) {
      bucket = new Bucket(this.rules[route] ?? OTHER_ROUTES);
      this.buckets.set(key, bucket);
    }
    return bucket;
  }
}

/** "Interaction endpoints are not bound to the bot's Global Rate Limit" (Discord docs, Rate Limits). */
function isInteractionRoute(route: string): boolean {
  return route.includes('/interactions/') || route.includes('/webhooks/:application/:token');
}
