import { type ModelServerProcess, startModelServer } from '../support/model-server-process.js';
import { answerText, DiscordBot, drawing, remarks } from './discord-bot.js';

describe('pictures on Discord', () => {
  let modelServer: ModelServerProcess;

  beforeAll(async () => {
    modelServer = await startModelServer();
  });

  afterAll(() => modelServer?.stop());

  describe('without the message-content intent', () => {
    let bot: DiscordBot;

    beforeAll(async () => {
      bot = await DiscordBot.start({ modelServer: modelServer.address });
    });

    afterAll(() => bot?.close());

    it('in a message that somebody else wrote cannot be seen, which is said', async () => {
      const picture = await bot.ben.send(bot.channel, { attachments: [drawing('0000')] });
      const question = await bot.ada.send(bot.channel, {
        mention: 'bot',
        text: 'What is this?',
        replyTo: picture,
      });
      expect(remarks(await bot.answerTo(question))).toContain('I cannot see the message you replied to.');
    });

    it('are taken from forwarded messages in direct messages', async () => {
      const original = await bot.ben.send(bot.channel, { attachments: [drawing('0000')] });
      const direct = bot.discord.directMessages(bot.ada);
      const answer = await bot.answerTo(await bot.ada.forward(original, direct), direct);
      expect(answerText(answer)).toMatch(/^The image shows a bat/);
    });

    it('are looked at together, up to the cap, and the rest is named', async () => {
      const capped = await DiscordBot.start({
        modelServer: modelServer.address,
        config: { images: { maxPerQuestion: 1 } },
      });
      try {
        const attachments = [drawing('0000', 'first.png'), drawing('0001', 'second.png')];
        const question = await capped.ada.send(capped.channel, {
          mention: 'bot',
          text: 'What is this?',
          attachments,
        });
        const answer = await capped.answerTo(question);
        expect(answerText(answer)).toBe('It is a bat.');
        expect(remarks(answer)).toEqual(['I look at 1 pictures at a time. Not looked at: second.png.']);
      } finally {
        await capped.close();
      }
    });

    it('are fetched again when the conversation goes on after their addresses have expired', async () => {
      const first = await bot.answerTo(
        await bot.ada.send(bot.channel, {
          mention: 'bot',
          text: 'What is this?',
          attachments: [drawing('0001')],
        }),
      );
      bot.discord.state.clock.advance(25 * 60 * 60_000);
      await bot.restart();
      const next = await bot.ada.send(bot.channel, { replyTo: first, text: 'What is the background color?' });
      expect(answerText(await bot.answerTo(next))).toMatch(/black/);
    });

    it('are not fetched from hosts that are not public', async () => {
      const question = await bot.ada.send(bot.channel, {
        mention: 'bot',
        text: 'What is this?',
        embeds: [{ image: { url: 'https://10.0.0.1/secret.png' } }],
      });
      expect(remarks(await bot.answerTo(question))).toEqual([
        'https://10.0.0.1/secret.png: I do not fetch from this address.',
      ]);
    });
  });

  describe('with the message-content intent', () => {
    let bot: DiscordBot;

    beforeAll(async () => {
      bot = await DiscordBot.start({
        modelServer: modelServer.address,
        config: { discord: { readMessageContent: true } },
        discord: { messageContentIntent: true },
      });
    });

    afterAll(() => bot?.close());

    it('are found in the message that was replied to', async () => {
      const picture = await bot.ben.send(bot.channel, { attachments: [drawing('0000')] });
      const question = await bot.ada.send(bot.channel, {
        mention: 'bot',
        text: 'What is this?',
        replyTo: picture,
      });
      const answer = await bot.answerTo(question);
      expect(answerText(answer)).toBe('It is a bat.');
      expect(remarks(answer)).toEqual([]);
    });

    it('are found in a forwarded message that was replied to', async () => {
      const original = await bot.ben.send(bot.channel, { attachments: [drawing('0001')] });
      const forwarded = await bot.ben.forward(original, bot.channel);
      const question = await bot.ada.send(bot.channel, {
        mention: 'bot',
        text: 'What is this?',
        replyTo: forwarded,
      });
      expect(answerText(await bot.answerTo(question))).toBe('It is an oyster.');
    });

    it('are found as the latest of the channel when a question has none', async () => {
      const channel = bot.discord.textChannel(bot.guild, 'latest');
      await bot.ben.send(channel, { attachments: [drawing('0001')] });
      await bot.ben.send(channel, { attachments: [drawing('0000')] });
      const question = await bot.ada.send(channel, { mention: 'bot', text: 'What is this?' });
      expect(answerText(await bot.answerTo(question, channel))).toBe('It is a bat.');
    });
  });
});
