import { Inject, Injectable, Optional } from '@nestjs/common';
import { Redis } from 'ioredis';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';

import type { BotConfig } from '../config/bot-config.js';
import { BOT_CONFIG } from '../config/settings.js';
import type { Question } from '../contract/question.js';

interface RateRefusal {
  readonly whose: 'user' | 'channel';
  /** When to ask again. */
  readonly seconds: number;
}

interface Rate {
  readonly questions: number;
  readonly seconds: number;
}

/** How many questions a person and a channel may ask; shared by several bots when Redis is configured. */
@Injectable()
export class RateLimits {
  private readonly limiters = new Map<string, RateLimiterAbstract>();

  constructor(
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'limits'>,
    @Optional() private readonly redis?: Redis,
  ) {}

  /** Counts a question. @returns the limit that it exceeds, if any */
  async count({ platform, asker, place }: Question): Promise<RateRefusal | undefined> {
    const { perUser, perChannel } = this.config.limits;
    return (
      (await this.consume('user', perUser, `${platform}:${asker.id}`)) ??
      (place.direct ? undefined : await this.consume('channel', perChannel, `${platform}:${place.channel}`))
    );
  }

  private async consume(
    whose: RateRefusal['whose'],
    rate: Rate,
    key: string,
  ): Promise<RateRefusal | undefined> {
    try {
      await this.findLimiter(whose, rate).consume(key);
      return undefined;
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      return { whose, seconds: Math.max(1, Math.ceil(error.msBeforeNext / 1_000)) };
    }
  }

  /** One limiter per rate, so that a reloaded configuration takes effect with the next question. */
  private findLimiter(whose: RateRefusal['whose'], { questions, seconds }: Rate): RateLimiterAbstract {
    const name = `${whose}:${questions}:${seconds}`;
    const existing = this.limiters.get(name);
    if (existing) return existing;
    const options = { keyPrefix: `minigpt4:${name}`, points: questions, duration: seconds };
    const limiter = this.redis
      ? new RateLimiterRedis({
          ...options,
          storeClient: this.redis,
          insuranceLimiter: new RateLimiterMemory(options),
        })
      : new RateLimiterMemory(options);
    this.limiters.set(name, limiter);
    return limiter;
  }
}
