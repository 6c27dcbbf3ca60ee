import { type RunningServer, runServer } from '../model-server/running-server.js';
import { HeldEngine } from '../support/held-engine.js';
import { ScriptedEngine } from '../support/scripted-engine.js';
import { answerText, DiscordBot } from './discord-bot.js';

/** The limits that bots observe, at their real length. */
const observedLimits = {
  'POST /channels/:channel/messages': { limit: 5, windowMs: 5_000 },
  'PATCH /channels/:channel/messages/:message': { limit: 5, windowMs: 5_000 },
};

describe('long answers', () => {
  let engine: HeldEngine;
  let server: RunningServer;
  let bot: DiscordBot;

  beforeEach(async () => {
    engine = new HeldEngine();
    server = await runServer(() => engine);
    bot = await DiscordBot.start({ modelServer: server.address, discord: { rateLimits: observedLimits } });
  });

  afterEach(async () => {
    await bot?.close();
    await server?.close();
  });

  it('go on in further messages, and nothing of them is lost', async () => {
    const sentences = Array.from({ length: 120 }, (_, index) => `Sentence number ${index} is about bats.`);
    const question = await bot.ada.send(bot.channel, { mention: 'bot', text: 'Tell me all.' });
    engine.say(sentences.join(' '));
    engine.end();
    const parts = await bot.discord.until('the last part is finished', () => {
      const said = bot.discord.transcript(bot.channel).filter(({ author }) => author === 'Lumen');
      return said.at(-1)?.buttons.some(({ label }) => label === 'Good answer') ? said : undefined;
    });
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map(({ repliesTo }) => repliesTo)).toEqual([
      question.id,
      ...parts.slice(0, -1).map(({ id }) => id),
    ]);
    expect(parts.map(answerText).join(' ').replaceAll(/\s+/g, ' ')).toBe(sentences.join(' '));
    for (const { content, buttons } of parts.slice(0, -1)) {
      expect(content.length).toBeLessThanOrEqual(2000);
      expect(buttons).toEqual([]);
    }
  });

  it('grow no faster than Discord allows', async () => {
    await bot.ada.send(bot.channel, { mention: 'bot', text: 'Talk.' });
    const words = setInterval(() => engine.say('and so on '), 100);
    try {
      await bot.discord.until(
        'there were more edits than one window takes',
        () =>
          bot.discord.router.requests.filter(({ route }) => route.startsWith('PATCH /channels')).length > 6,
      );
    } finally {
      clearInterval(words);
      engine.end();
    }
    expect(bot.discord.rateLimits.violations).toEqual([]);
  });

  it('ring at nobody, whatever the model says', async () => {
    const question = await bot.ada.send(bot.channel, { mention: 'bot', text: 'Call everybody.' });
    engine.say(`@everyone <@${bot.ben.id}>`);
    engine.end();
    expect((await bot.answerTo(question)).pinged).toEqual([]);
  });
});

/** Answers every prompt with the number in its question. */
class CountingEngine extends ScriptedEngine {
  override async *generate(...[request, signal]: Parameters<ScriptedEngine['generate']>) {
    const prompt = request.segments.map((segment) => (segment.kind === 'text' ? segment.text : '')).join('');
    const number = prompt.match(/Number (\d+)/)?.[1];
    yield* super.generate({ ...request, segments: [{ kind: 'text', text: `say It is ${number}` }] }, signal);
  }
}

describe('fifty conversations at once', () => {
  it('get one answer each, within the limits', async () => {
    const server = await runServer(() => new CountingEngine());
    const bot = await DiscordBot.start({
      modelServer: server.address,
      discord: { rateLimits: observedLimits },
    });
    try {
      const channels = Array.from({ length: 25 }, (_, index) =>
        bot.discord.textChannel(bot.guild, `channel ${index}`),
      );
      const asked = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const channel = channels[index % channels.length]!;
          return {
            index,
            channel,
            question: await bot.ada.send(channel, { mention: 'bot', text: `Number ${index}?` }),
          };
        }),
      );
      for (const { index, channel, question } of asked) {
        expect(answerText(await bot.answerTo(question, channel))).toBe(`Itis${index}`);
      }
      for (const channel of channels) {
        const answers = bot.discord.transcript(channel).filter(({ author }) => author === 'Lumen');
        expect(answers).toHaveLength(2);
      }
      expect(bot.discord.rateLimits.violations).toEqual([]);
    } finally {
      await bot.close();
      await server.close();
    }
  });
});
