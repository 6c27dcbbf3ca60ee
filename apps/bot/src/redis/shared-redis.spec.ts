import { once } from 'node:events';
import { eventually } from '../../../../test/support/eventually.js';
import { describeWithRedis, type RedisServer, startRedis } from '../../../../test/support/redis-server.js';
import { RateLimits } from '../answering/rate-limits.js';
import { RunningAnswers } from '../answering/running-answers.js';
import { Settings } from '../config/settings.js';
import type { Question } from '../contract/question.js';
import { Claims } from './claims.js';
import { OtherBots } from './other-bots.js';
import { awaitFirstContact, connectRedis } from './shared-memory.js';

const asked = (user: string): Question => ({
  platform: 'slack',
  id: 'question',
  conversation: 'thread',
  asker: { id: user, roles: [], moderator: false },
  place: { channel: 'cats', direct: false },
  locale: 'en',
  wish: { kind: 'chat' },
  readMessages: async () => [],
});

const never = new AbortController().signal;

describeWithRedis('two bots that share a Redis', () => {
  let server: RedisServer;
  let connections: ReturnType<typeof connectRedis>[];
  const said: string[] = [];

  beforeAll(async () => {
    server = await startRedis();
    connections = [server.url, server.url].map((url) => connectRedis(url, (line) => said.push(line)));
    await Promise.all(connections.map(awaitFirstContact));
    expect(connections.map(({ status }) => status)).toEqual(['ready', 'ready']);
  });
  afterAll(async () => {
    for (const redis of connections) redis.disconnect();
    await server.close();
  });

  it('count questions together, per person and per channel', async () => {
    const config = {
      limits: { perUser: { questions: 2, seconds: 60 }, perChannel: { questions: 3, seconds: 60 } },
    };
    const [here, there] = connections.map(
      (redis) => new RateLimits(Settings.parse({}, config).config, redis),
    );
    await expect(here?.count(asked('ada'))).resolves.toBeUndefined();
    await expect(there?.count(asked('ada'))).resolves.toBeUndefined();
    const refusal = await here?.count(asked('ada'));
    expect(refusal?.whose).toBe('user');
    expect(refusal?.seconds).toBeGreaterThan(0);
    expect(refusal?.seconds).toBeLessThanOrEqual(60);
    await expect(there?.count(asked('ben'))).resolves.toBeUndefined();
    await expect(here?.count(asked('cleo'))).resolves.toMatchObject({ whose: 'channel' });
  });

  it('answer a message once, whichever of them it is delivered to', async () => {
    const [here, there] = connections.map((redis) => new Claims(redis));
    const claims = await Promise.all([here?.claim('m1'), there?.claim('m1'), here?.claim('m1')]);
    expect(claims.filter(Boolean)).toHaveLength(1);
    await expect(there?.claim('m2')).resolves.toBe(true);
  });

  it('ignore and count what other programs write on their channel, and still hear each other', async () => {
    const running = new RunningAnswers();
    let ignored = 0;
    const [here, there] = connections.map((redis) => new OtherBots(redis, running, () => ignored++));
    await eventually(async () => (await connections[0]?.pubsub('NUMSUB', 'minigpt4:answers'))?.[1] === 2);
    const foreign = ['not JSON', '{}', '{"id":1}', 'null', '[]', '"text"', '{"cancel":"everything"}'];
    for (const message of foreign) await connections[0]?.publish('minigpt4:answers', message);
    await eventually(() => ignored === 2 * foreign.length);

    const question = { ...asked('ada'), id: 'still-heard' };
    const writing = running.run(
      question,
      'queue',
      never,
      () => {},
      (signal) => once(signal, 'abort'),
    );
    await expect(here?.cancel('still-heard', 'asker')).resolves.toBe(true);
    await writing;
    here?.close();
    there?.close();
  });

  it('go on by themselves when it goes away, and say so once', async () => {
    const [here, there] = connections.map((redis) => new Claims(redis));
    await server.close();
    await expect(here?.claim('m3')).resolves.toBe(true);
    await expect(here?.claim('m3')).resolves.toBe(false);
    await expect(there?.claim('m3')).resolves.toBe(true);
    const bothFail = () => Promise.all(connections.map((redis) => once(redis, 'error')));
    await bothFail();
    await bothFail();
    expect(said).toEqual([expect.stringMatching(/^Redis cannot/), expect.stringMatching(/^Redis cannot/)]);
  });
});
