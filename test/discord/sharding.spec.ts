import { type RunningServer, runServer } from '../model-server/running-server.js';
import { eventually } from '../support/eventually.js';
import { HeldEngine } from '../support/held-engine.js';
import { answerText, DiscordBot } from './discord-bot.js';

describe('a bot on several shards', () => {
  let engine: HeldEngine;
  let server: RunningServer;
  let bot: DiscordBot;

  beforeAll(async () => {
    engine = new HeldEngine();
    server = await runServer(() => engine);
    bot = await DiscordBot.start({
      modelServer: server.address,
      config: { discord: { shards: 2 } },
      asProcess: true,
    });
  });

  afterAll(async () => {
    await bot?.close();
    await server?.close();
  });

  it('answers each server and direct messages from their shard, once', async () => {
    const { discord, ada } = bot;
    await discord.until('both shards are there', () => discord.gateway.identifications.length === 2);
    expect(discord.gateway.identifications.map(({ shard }) => shard)).toEqual([
      [0, 2],
      [1, 2],
    ]);
    const direct = discord.directMessages(ada);
    for (const channel of [bot.channel, direct]) {
      const question = await ada.send(channel, { mention: 'bot', text: 'Hello?' });
      engine.say('Hello.');
      engine.end();
      expect(answerText(await bot.answerTo(question, channel))).toBe('Hello.');
    }
    expect(engine.requests).toHaveLength(2);
  });

  it('counts in its metrics what happens on all of them', async () => {
    const { discord, ada } = bot;
    for (const channel of [bot.channel, discord.directMessages(ada)]) {
      const [answer] = discord.transcript(channel).slice(-1);
      const press = ada.press(answer!, 'Good answer');
      await discord.until('the vote is taken', () => press.response === 'answered');
    }
    // A shard that is slow to answer is left out of one reading.
    const reads = async (line: string) =>
      (await (await fetch(new URL('/metrics', bot.address))).text()).includes(line);
    await eventually(() => reads('minigpt4_bot_feedback_total{platform="discord",vote="up"} 2'));
    await eventually(() => reads('minigpt4_bot_questions_total{platform="discord",outcome="answered"} 2'));
  });
});
