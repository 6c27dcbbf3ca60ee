import { type RunningServer, runServer } from '../model-server/running-server.js';
import { HeldEngine } from '../support/held-engine.js';
import { DiscordBot, drawing, remarks } from './discord-bot.js';

describe('who may ask on Discord', () => {
  let engine: HeldEngine;
  let server: RunningServer;
  const bots: DiscordBot[] = [];

  beforeAll(async () => {
    engine = new HeldEngine();
    server = await runServer(() => engine);
  });

  afterEach(async () => {
    for (const bot of bots.splice(0)) await bot.close();
  });

  afterAll(() => server?.close());

  async function start(config: Record<string, Record<string, unknown>>): Promise<DiscordBot> {
    const bot = await DiscordBot.start({ modelServer: server.address, config });
    bots.push(bot);
    return bot;
  }

  it('is everybody as often as the limit says, then later', async () => {
    const bot = await start({ limits: { perUser: { questions: 1, seconds: 60 } } });
    const first = await bot.ada.send(bot.channel, { mention: 'bot', text: 'One?' });
    engine.say('First.');
    engine.end();
    await bot.replyShowing(first, 'First.');
    const second = await bot.answerTo(await bot.ada.send(bot.channel, { mention: 'bot', text: 'Two?' }));
    expect(remarks(second)).toEqual([
      expect.stringMatching(/^That was a lot of questions\. Please ask again in \d+ s\.$/),
    ]);

    const other = await bot.ben.send(bot.channel, { mention: 'bot', text: 'Three?' });
    engine.say('Third.');
    engine.end();
    await bot.replyShowing(other, 'Third.');
  });

  it('is told to the user of a command alone', async () => {
    const bot = await start({ permissions: { channels: { allow: ['1'] } } });
    const used = await bot.ada.command(bot.channel, 'describe', { image: drawing('0000') });
    const refusal = await bot.discord.until('the command is refused', () =>
      bot.discord.transcript(bot.channel).find(({ visibleOnlyTo }) => visibleOnlyTo === 'Ada'),
    );
    expect(refusal.content).toContain('I am not set up to answer you here.');
    expect(bot.discord.transcript(bot.channel)).toHaveLength(1);
    expect(used.response).toBe('answered');
  });

  it('is nobody in direct messages when they are off', async () => {
    const bot = await start({ permissions: { directMessages: false } });
    const direct = bot.discord.directMessages(bot.ada);
    const refusal = await bot.answerTo(await bot.ada.send(direct, { text: 'Hello?' }), direct);
    expect(remarks(refusal)).toEqual(['I do not answer direct messages. Please ask me in a channel.']);
  });

  it('waits for the answer above in the same conversation', async () => {
    const bot = await start({});
    const first = await bot.ada.send(bot.channel, { mention: 'bot', text: 'One?' });
    engine.say('First');
    const reply = await bot.replyShowing(first, 'First');
    const second = await bot.ada.send(bot.channel, { replyTo: reply, text: 'Two?' });
    await bot.discord.until('the second question waits', () =>
      bot.discord
        .transcript(bot.channel)
        .find(
          (message) =>
            message.repliesTo === second.id &&
            remarks(message).includes('I answer this as soon as the answer above is finished.'),
        ),
    );
    engine.end();
    await bot.discord.until('the first answer is finished', () =>
      bot.discord.shown(reply).buttons.some(({ label }) => label === 'Good answer'),
    );
    engine.say('Second.');
    engine.end();
    await bot.replyShowing(second, 'Second.');
  });
});
