import { type RunningServer, runServer } from '../model-server/running-server.js';
import { HeldEngine } from '../support/held-engine.js';
import { DiscordBot } from './discord-bot.js';

describe('a follow-up on Discord that is asked while the answer before it is being written', () => {
  let engine: HeldEngine;
  let server: RunningServer;
  let bot: DiscordBot;

  beforeAll(async () => {
    engine = new HeldEngine();
    server = await runServer(() => engine);
  });
  afterEach(() => bot.close());
  afterAll(() => server.close());

  function lastPrompt(): string {
    const { segments } = engine.requests.at(-1)!;
    const text = segments.map((segment) => (segment.kind === 'text' ? segment.text : '<image>')).join('');
    return text.slice(text.indexOf('Human:'));
  }

  /** The bot has begun to answer, or says that it will. */
  const placeholder = (question: { readonly id: string }) =>
    bot.discord.until('the bot takes the question up', () =>
      [...bot.discord.state.messages.values()].find(({ repliesTo }) => repliesTo === question.id),
    );

  it('is asked with the whole answer, also when that stands below it', async () => {
    bot = await DiscordBot.start({ modelServer: server.address });
    const direct = bot.discord.directMessages(bot.ada);
    // Both are sent before the bot has posted anything.
    const first = await bot.ada.send(direct, { text: 'What is this?' });
    const second = await bot.ada.send(direct, { text: 'What colour?' });
    await placeholder(first);
    engine.say('It is ');
    await placeholder(second);
    engine.say('a bat.');
    engine.end();
    await bot.answerTo(first, direct);
    engine.say('Black.');
    engine.end();
    await bot.answerTo(second, direct);
    expect(lastPrompt()).toBe(
      'Human: What is this?###Assistant: It is a bat.###Human: What colour?###Assistant: ',
    );
  });

  it('stops that answer when the operator wants it so, and is asked with what was said', async () => {
    bot = await DiscordBot.start({
      modelServer: server.address,
      config: { conversation: { whenBusy: 'replace' } },
    });
    const first = await bot.ada.send(bot.channel, { mention: 'bot', text: 'What is this?' });
    engine.say('It is');
    const half = await bot.replyShowing(first, 'It is');
    const second = await bot.ada.send(bot.channel, { replyTo: half, text: 'What colour?' });
    await bot.discord.until('the first answer is stopped', () =>
      bot.discord.shown(half).content.includes('Stopped for your next question.'),
    );
    await placeholder(second);
    engine.say('Black.');
    engine.end();
    await bot.answerTo(second);
    expect(lastPrompt()).toBe(
      'Human: What is this?###Assistant: It is...###Human: What colour?###Assistant: ',
    );
  });
});
