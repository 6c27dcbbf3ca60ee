import { Injectable, Optional } from '@nestjs/common';
import { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';

/** Slack tries an event again for a little more than six minutes (Slack docs, "Events API", retries). */
const rememberMs = 11 * 60_000;
const rememberedClaims = 10_000;

/** What only one may do, such as answering a message that is delivered twice; shared by bots that share a Redis. */
@Injectable()
export class Claims {
  private readonly own = new LRUCache<string, true>({ max: rememberedClaims, ttl: rememberMs });

  constructor(@Optional() private readonly redis?: Redis) {}

  /** True for the first who claims `name`, false for all others. */
  async claim(name: string): Promise<boolean> {
    if (this.own.has(name)) return false;
    this.own.set(name, true);
    if (!this.redis) return true;
    // While Redis is away, which is said where it is connected, each bot goes by its own memory.
    const answer = await this.redis
      .set(`minigpt4:claim:${name}`, '1', 'PX', rememberMs, 'NX')
      .catch(() => 'OK');
    return answer === 'OK';
  }
}
