import { type RunningServer, runServer } from '../model-server/running-server.js';
import { HeldEngine } from '../support/held-engine.js';
import { type SlackBotInWorkspace, startSlackBot } from './slack-bot.js';

describe.each(['socket', 'http'] as const)('a reply over %s', (mode) => {
  let engine: HeldEngine;
  let model: RunningServer;
  let bot: SlackBotInWorkspace;

  beforeAll(async () => {
    engine = new HeldEngine();
    model = await runServer(() => engine);
    bot = await startSlackBot({ mode, modelServer: model.address });
  });
  afterAll(async () => {
    await bot.close();
    await model.close();
  });

  it('in a channel is one message in a thread that everybody sees grow', async () => {
    const { workspace, ada, channel } = bot;
    const question = await ada.mention(channel, { text: 'hello' });
    const reply = await workspace.until('the bot to look', () => workspace.replies(channel)[0]);
    expect(reply.message.threadTs).toBe(question.ts);
    expect(reply.buttons).toEqual(['Stop']);

    engine.say('It is ');
    await workspace.until('the first words', () => workspace.replies(channel)[0]?.text.includes('It is'));
    engine.say('a bat.');
    await workspace.until('all words', () => workspace.replies(channel)[0]?.text.includes('It is a bat.'));
    engine.end();
    const done = await workspace.until('the end', () =>
      workspace.replies(channel).find((line) => line.buttons.includes('Try again')),
    );

    expect(done.text).toBe('It is a bat.');
    expect(done.versions.length).toBeGreaterThanOrEqual(3);
    expect(workspace.replies(channel)).toHaveLength(1);
    expect(bot.slack.rates.refusals.size).toBe(0);
  });
});
