import { type ModelServerProcess, startModelServer } from '../support/model-server-process.js';
import { answerText, DiscordBot, drawing } from './discord-bot.js';

const minute = 60_000;

describe('commands on Discord', () => {
  let modelServer: ModelServerProcess;
  let bot: DiscordBot;

  beforeAll(async () => {
    modelServer = await startModelServer();
    bot = await DiscordBot.start({ modelServer: modelServer.address });
  });

  afterEach(() => {
    expect(bot.discord.unansweredInteractions()).toEqual([]);
    expect(bot.discord.rateLimits.violations).toEqual([]);
  });

  afterAll(async () => {
    await bot?.close();
    await modelServer?.stop();
  });

  it('are registered for servers and for people, and again without a change', async () => {
    const registered = () =>
      bot.discord.state.globalCommands.map(({ id, name, type, integration_types, contexts }) => ({
        id,
        name,
        type,
        integration_types,
        contexts,
      }));
    const first = registered();
    expect(first.map(({ name, type }) => [name, type])).toEqual([
      ['describe', 1],
      ['alt-text', 1],
      ['Describe this image', 3],
      ['Alt text', 3],
    ]);
    for (const command of first) {
      expect(command).toMatchObject({ integration_types: [0, 1], contexts: [0, 1, 2] });
    }
    await bot.restart();
    expect(registered()).toEqual(first);
  });

  it('/describe shows the picture with the answer, and its answer as alt text', async () => {
    const used = await bot.ada.command(bot.channel, 'describe', { image: drawing('0000') });
    const answer = await bot.answerToCommand(used);
    expect(answerText(answer)).toMatch(/^The image shows a bat/);
    expect(answer.attachments).toEqual(['0000.png']);
    const [attachment] = bot.discord.state.messages.get(answer.id)!.attachments;
    expect(attachment?.description).toBe(answerText(answer));
  });

  it('/describe answers a question, and a reply that mentions the bot goes on about the picture', async () => {
    const used = await bot.ada.command(bot.channel, 'describe', {
      image: drawing('0001'),
      question: 'What is this?',
    });
    const answer = await bot.answerToCommand(used);
    expect(answerText(answer)).toBe('It is an oyster.');
    expect(answer.content).toMatch(/^> .*What is this\?/);
    const next = await bot.ben.send(bot.channel, {
      replyTo: answer,
      mention: 'bot',
      text: 'What is the background color?',
    });
    expect(answerText(await bot.answerTo(next))).toMatch(/black/);
  });

  it('says that it must be mentioned when a reply to a command arrives empty', async () => {
    const used = await bot.ada.command(bot.channel, 'describe', { image: drawing('0000') });
    const answer = await bot.answerToCommand(used);
    const next = await bot.ben.send(bot.channel, { replyTo: answer, text: 'What is the background color?' });
    expect((await bot.answerTo(next)).content).toBe(
      'I cannot read this. Please mention me (@) in your message.',
    );
  });

  it('/describe can be asked again', async () => {
    const used = await bot.ada.command(bot.channel, 'describe', {
      image: drawing('0000'),
      question: 'What is this?',
    });
    const answer = await bot.answerToCommand(used);
    const edits = answer.history.length;
    bot.ada.press(answer, 'Try again');
    await bot.discord.until('the answer was written again', () => {
      const shown = bot.discord.shown(answer);
      return shown.history.length >= edits + 2 && shown.buttons.some(({ label }) => label === 'Try again');
    });
    const again = bot.discord.shown(answer);
    expect(again.content).toMatch(/^> .*What is this\?\n./);
    expect(again.attachments).toEqual(['0000.png']);
  });

  it('/alt-text answers the asker alone, in a length that fits alt text', async () => {
    const used = await bot.ada.command(bot.channel, 'alt-text', { image: drawing('0000') });
    const answer = await bot.answerToCommand(used);
    expect(answer.visibleOnlyTo).toBe('Ada');
    expect(answerText(answer)).toMatch(/bat/i);
    expect(answerText(answer).length).toBeLessThanOrEqual(1024);
  });

  it.each([
    ['Describe this image', undefined],
    ['Alt text', 'Ada'],
  ])('"%s" works on any message, without the message-content intent', async (entry, visibleOnlyTo) => {
    const message = await bot.ben.send(bot.channel, { text: 'look', attachments: [drawing('0000')] });
    const answer = await bot.answerToCommand(bot.ada.messageCommand(message, entry));
    expect(answerText(answer)).toMatch(/bat/i);
    expect(answer.visibleOnlyTo).toBe(visibleOnlyTo);
  });

  it('say that a message has no picture', async () => {
    const message = await bot.ben.send(bot.channel, { text: 'no picture' });
    const answer = await bot.answerToCommand(bot.ada.messageCommand(message, 'Describe this image'));
    expect(answer).toMatchObject({
      content: 'I found no picture here. Please attach one.',
      visibleOnlyTo: 'Ada',
    });
  });

  it('describe the picture in a forwarded message', async () => {
    const original = await bot.ben.send(bot.channel, { text: 'look', attachments: [drawing('0000')] });
    const forwarded = await bot.ben.forward(original, bot.discord.textChannel(bot.guild, 'elsewhere'));
    const answer = await bot.answerToCommand(bot.ada.messageCommand(forwarded, 'Describe this image'));
    expect(answerText(answer)).toMatch(/^The image shows a bat/);
  });

  it('work between people where the bot is not, for those who installed it', async () => {
    const together = bot.discord.groupChat(bot.ada, bot.ben);
    const used = await bot.ada.command(together, 'describe', {
      image: drawing('0000'),
      question: 'What is this?',
    });
    expect(answerText(await bot.answerToCommand(used))).toBe('It is a bat.');

    const elsewhere = bot.discord.textChannel(bot.discord.guild('Other server', { botInstalled: false }));
    bot.discord.user('Ada');
    const there = await bot.ada.command(elsewhere, 'alt-text', { image: drawing('0000') });
    expect(answerText(await bot.answerToCommand(there))).toMatch(/bat/i);
  });

  it('speak the language of the asker', async () => {
    const greta = bot.discord.user('Greta', { locale: 'de' });
    const used = await greta.command(bot.channel, 'describe', {
      image: drawing('0000'),
      question: 'What is this?',
    });
    await bot.discord.until('the answer has German buttons', () =>
      bot.discord.answerTo(used)?.buttons.some(({ label }) => label === 'Gute Antwort'),
    );
  });

  it('can still be asked again when the first token is long void', async () => {
    const used = await bot.ada.command(bot.channel, 'describe', {
      image: drawing('0000'),
      question: 'What is this?',
    });
    const answer = await bot.answerToCommand(used);
    const edits = answer.history.length;
    bot.discord.state.clock.advance(20 * minute);
    bot.ada.press(answer, 'Try again');
    await bot.discord.until('the answer was written again', () => {
      const shown = bot.discord.shown(answer);
      return shown.history.length >= edits + 2 && shown.buttons.some(({ label }) => label === 'Try again');
    });
  });
});
