import { once } from 'node:events';

import { Redis } from 'ioredis';

/**
 * A Redis that takes longer is as good as away: people wait for their answer. Not much shorter, because a bot that is
 * busy itself hears late what Redis answered at once.
 */
const answerWithinMs = 2_000;

/**
 * A connection to the Redis that several bots share. While it is away each bot goes on with its own memory; that
 * it went away, and that it is back, is said once each time.
 */
export function connectRedis(url: string, say: (line: string) => void): Redis {
  const redis = new Redis(url, { enableOfflineQueue: false, commandTimeout: answerWithinMs });
  let away = false;
  redis.on('error', ({ message }: Error) => {
    if (!away) say(`Redis cannot be reached (${message}). Until it is back, each bot counts for itself.`);
    away = true;
  });
  redis.on('ready', () => {
    if (away) say('Redis is back.');
    away = false;
  });
  return redis;
}

/** Resolves when Redis can be asked, or cannot be reached for now. */
export async function awaitFirstContact(redis: Redis): Promise<void> {
  if (redis.status !== 'ready') await once(redis, 'ready').catch(() => {});
}
