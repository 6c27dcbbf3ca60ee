import { once } from 'node:events';
import { createServer } from 'node:net';

import type { Redis } from 'ioredis';

import { Settings } from '../config/settings.js';
import type { Question } from '../contract/question.js';
import { awaitFirstContact, connectRedis } from '../redis/shared-memory.js';
import { RateLimits } from './rate-limits.js';

const asked = (user: string, channel: string, direct = false): Question => ({
  platform: 'discord',
  id: `${user} in ${channel}`,
  conversation: channel,
  asker: { id: user, roles: [], moderator: false },
  place: { channel, direct },
  locale: 'en',
  wish: { kind: 'chat' },
  readMessages: async () => [],
});

describe('how much may be asked', () => {
  it('is limited per user, wherever they ask', async () => {
    const limits = new RateLimits(
      Settings.parse({}, { limits: { perUser: { questions: 2, seconds: 60 } } }).config,
    );
    await expect(limits.count(asked('ada', 'cats'))).resolves.toBeUndefined();
    await expect(limits.count(asked('ada', 'dogs'))).resolves.toBeUndefined();
    const refusal = await limits.count(asked('ada', 'birds'));
    expect(refusal?.whose).toBe('user');
    expect(refusal?.seconds).toBeGreaterThan(0);
    expect(refusal?.seconds).toBeLessThanOrEqual(60);
    await expect(limits.count(asked('bob', 'birds'))).resolves.toBeUndefined();
  });

  it('is limited per channel, whoever asks, but not in direct messages', async () => {
    const limits = new RateLimits(
      Settings.parse({}, { limits: { perChannel: { questions: 1, seconds: 60 } } }).config,
    );
    await limits.count(asked('ada', 'cats'));
    await expect(limits.count(asked('bob', 'cats'))).resolves.toMatchObject({ whose: 'channel' });
    await limits.count(asked('ada', 'dm', true));
    await expect(limits.count(asked('ada', 'dm', true))).resolves.toBeUndefined();
  });

  it('follows a reloaded configuration with the next question', async () => {
    const settings = Settings.parse({}, { limits: { perUser: { questions: 1, seconds: 60 } } });
    const limits = new RateLimits(settings.config);
    await limits.count(asked('ada', 'cats'));
    await expect(limits.count(asked('ada', 'cats'))).resolves.toBeDefined();
    settings.replace(Settings.parse({}, { limits: { perUser: { questions: 5, seconds: 60 } } }).config);
    await expect(limits.count(asked('ada', 'cats'))).resolves.toBeUndefined();
  });

  it('is counted by each bot for itself while the shared Redis is away, which is said once', async () => {
    const said: string[] = [];
    const redis = connectRedis(`redis://127.0.0.1:${await closedPort()}`, (line) => said.push(line));
    await awaitFirstContact(redis);
    const limits = new RateLimits(
      Settings.parse({}, { limits: { perUser: { questions: 1, seconds: 60 } } }).config,
      redis,
    );
    await expect(limits.count(asked('ada', 'cats'))).resolves.toBeUndefined();
    await expect(limits.count(asked('ada', 'cats'))).resolves.toMatchObject({ whose: 'user' });
    await failedToConnect(redis);
    redis.disconnect();
    expect(said).toEqual([expect.stringMatching(/^Redis cannot be reached \(.*\)\. Until it is back/)]);
  });
});

/** Resolves with the next attempt to connect that failed. */
function failedToConnect(redis: Redis): Promise<void> {
  return new Promise((resolve) => redis.once('reconnecting', () => resolve()));
}

/** A port of this machine that refuses connections. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
