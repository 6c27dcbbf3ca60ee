import type { INestApplication } from '@nestjs/common';

import { Settings } from '../../apps/bot/src/config/settings.js';
import { startBot } from '../../apps/bot/src/start-bot.js';
import { SlackServer } from '../../test-servers/slack/index.js';
import { type RunningServer, runServer } from '../model-server/running-server.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { HeldEngine } from '../support/held-engine.js';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis-server.js';
import { manifestPath, slackEnvironment } from './slack-bot.js';
import { isFinished } from './story.js';

/** As behind a load balancer: Slack reaches now one bot, now another. */
describeWithRedis('several bots for one Slack app', () => {
  const engine = new HeldEngine();
  let redis: RedisServer;
  let model: RunningServer;
  let slack: SlackServer;
  let bots: readonly { readonly app: INestApplication; readonly port: number }[];

  beforeAll(async () => {
    redis = await startRedis();
    model = await runServer(() => engine);
    slack = await SlackServer.start(manifestPath);
    bots = await Promise.all([startOne(), startOne()]);
  });
  afterAll(async () => {
    for (const { app } of bots) await app.close();
    await slack.close();
    await model.close();
    await redis.close();
  });

  async function startOne() {
    const port = await freePort();
    const variables = {
      MODEL_SERVER_ADDRESS: model.address,
      REDIS_URL: redis.url,
      WEB_PORT: '0',
      ...slackEnvironment(slack, 'http', port),
    };
    const limits = { perUser: { questions: 2, seconds: 600 } };
    return {
      app: await startBot(Settings.parse(variables, { limits, web: { enabled: false } }), false),
      port,
    };
  }

  const deliverTo = (index: number) => slack.deliverTo(`http://127.0.0.1:${bots[index]?.port}/slack/events`);

  it('answer a message once, and count together how much is asked', async () => {
    const { workspace } = slack;
    const ada = workspace.user('Ada');
    const channel = workspace.channel('pictures', [ada]);
    deliverTo(0);
    await ada.mention(channel, { text: 'One?' });
    const [event] = slack.events.sent;
    deliverTo(1);
    await slack.events.redeliver(event!, { attempt: 1, reason: 'http_timeout' });
    engine.say('First.');
    engine.end();
    await workspace.until('the first answer', () => workspace.replies(channel).some(isFinished));

    await ada.mention(channel, { text: 'Two?' });
    engine.say('Second.');
    engine.end();
    await workspace.until(
      'the second answer',
      () => workspace.replies(channel).filter(isFinished).length === 2,
    );
    expect(engine.requests).toHaveLength(2);

    deliverTo(0);
    await ada.mention(channel, { text: 'Three?' });
    const refusal = await workspace.until('the refusal', () =>
      workspace.replies(channel).find((line) => line.text.includes('Please ask again in')),
    );
    expect(refusal.text).toMatch(/^That was a lot of questions\. Please ask again in \d+ s\./);
    expect(engine.requests).toHaveLength(2);
  });

  it('know what each other writes, and stop it by its button and by its question', async () => {
    const { workspace } = slack;
    const [ben, cleo] = [workspace.user('Ben'), workspace.user('Cleo')];
    const channel = workspace.channel('stopping', [ben, cleo]);
    const half = (text: string) =>
      workspace.until('half an answer', () =>
        workspace.replies(channel).find((line) => line.text.startsWith(text)),
      );
    deliverTo(0);
    const asked = await ben.mention(channel, { text: 'One?' });
    engine.say('It is');
    const { message } = await half('It is');
    // The bot that reads the thread for Cleo finds half an answer that it does not write itself.
    deliverTo(1);
    await cleo.mention(channel, { text: 'And one?', thread: asked });
    await eventually(() => engine.requests.length === 4);
    expect((await half('It is')).buttons).toEqual(['Stop']);
    await ben.press(message, 'Stop');
    const stopped = await workspace.until('the stop', () => workspace.replies(channel).find(isFinished));
    expect(stopped.text).toContain('Stopped.');
    await cleo.press(workspace.replies(channel).at(-1)!.message, 'Stop');
    await eventually(() => engine.cancelled === 2);

    deliverTo(0);
    const question = await ben.mention(channel, { text: 'Two?' });
    engine.say('There are');
    await half('There are');
    deliverTo(1);
    await ben.deleteMessage(question);
    await eventually(() => engine.cancelled === 3);
  });
});
