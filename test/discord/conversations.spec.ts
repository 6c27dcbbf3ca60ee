import { type RunningServer, runServer } from '../model-server/running-server.js';
import { HeldEngine } from '../support/held-engine.js';
import { DiscordBot } from './discord-bot.js';

/** What the model is asked, as the test's engine saw it. */
describe('a conversation on Discord', () => {
  let engine: HeldEngine;
  let server: RunningServer;
  let bot: DiscordBot;

  beforeAll(async () => {
    engine = new HeldEngine();
    server = await runServer(() => engine);
    bot = await DiscordBot.start({ modelServer: server.address });
  });

  afterAll(async () => {
    await bot?.close();
    await server?.close();
  });

  async function answered(question: { readonly id: string }, answer: string, channel = bot.channel) {
    engine.say(answer);
    engine.end();
    return bot.answerTo(question, channel);
  }

  /** All text of the last prompt after the template's system text. */
  function lastPrompt(): string {
    const { segments } = engine.requests.at(-1)!;
    const text = segments.map((segment) => (segment.kind === 'text' ? segment.text : '<image>')).join('');
    return text.slice(text.indexOf('Human:'));
  }

  it('is the reply chain, without what others say in between', async () => {
    const first = await answered(await bot.ada.send(bot.channel, { mention: 'bot', text: 'One?' }), 'First.');
    await bot.ben.send(bot.channel, { mention: undefined, text: 'Never mind.' });
    await answered(await bot.ada.send(bot.channel, { replyTo: first, text: 'Two?' }), 'Second.');
    expect(lastPrompt()).toMatch(/One\?.*First\..*Two\?/s);
    expect(lastPrompt()).not.toMatch(/Never mind|Lumen|@/);
  });

  it('branches where somebody replies to an earlier answer', async () => {
    const root = await answered(
      await bot.ada.send(bot.channel, { mention: 'bot', text: 'Root?' }),
      'Rooted.',
    );
    await answered(await bot.ada.send(bot.channel, { replyTo: root, text: 'Left?' }), 'Lefty.');
    await answered(await bot.ben.send(bot.channel, { replyTo: root, text: 'Right?' }), 'Righty.');
    expect(lastPrompt()).toMatch(/Root\?.*Rooted\..*Right\?/s);
    expect(lastPrompt()).not.toMatch(/Left/);
  });

  it('goes on although a message of it was deleted', async () => {
    const question = await bot.ada.send(bot.channel, { mention: 'bot', text: 'Gone?' });
    const answer = await answered(question, 'Soon.');
    bot.ada.delete(question);
    await answered(await bot.ada.send(bot.channel, { replyTo: answer, text: 'Still there?' }), 'Yes.');
    expect(lastPrompt()).toMatch(/Still there\?/);
    expect(lastPrompt()).not.toMatch(/Gone/);
  });

  it('is the thread, with the message it started from', async () => {
    const start = await bot.ada.send(bot.channel, { mention: 'bot', text: 'Start?' });
    await answered(start, 'Started.');
    const thread = bot.ada.openThread(start, 'More');
    await answered(await bot.ada.send(thread, { mention: 'bot', text: 'Inside?' }), 'In.', thread);
    expect(lastPrompt()).toMatch(/Start\?.*Inside\?/s);
    await answered(await bot.ben.send(thread, { mention: 'bot', text: 'Further?' }), 'On.', thread);
    expect(lastPrompt()).toMatch(/Start\?.*Inside\?.*In\..*Further\?/s);
  });

  it('begins anew in direct messages when the bot is mentioned', async () => {
    const direct = bot.discord.directMessages(bot.ada);
    await answered(await bot.ada.send(direct, { text: 'Old?' }), 'Olden.', direct);
    await answered(await bot.ada.send(direct, { text: 'Older?' }), 'Older.', direct);
    expect(lastPrompt()).toMatch(/Old\?.*Olden\..*Older\?/s);
    await answered(await bot.ada.send(direct, { mention: 'bot', text: 'New?' }), 'Newly.', direct);
    expect(lastPrompt()).not.toMatch(/Old/);
  });

  it('leaves out what the bot said that was no answer', async () => {
    const nothing = await bot.answerTo(await bot.ada.send(bot.channel, { mention: 'bot' }));
    expect(nothing.content).toContain('Send me a picture, or ask me something.');
    await answered(await bot.ada.send(bot.channel, { replyTo: nothing, text: 'Then this?' }), 'Fine.');
    expect(lastPrompt()).not.toMatch(/Send me/);
  });
});
