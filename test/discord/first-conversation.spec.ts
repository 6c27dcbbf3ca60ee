import { type ModelServerProcess, startModelServer } from '../support/model-server-process.js';
import { answerText, DiscordBot, drawing, remarks } from './discord-bot.js';

/** Image → Discord message → bot → gRPC → engine → edits that Discord sees, with nothing replaced in between. */
describe('asking about a picture on Discord', () => {
  let modelServer: ModelServerProcess;
  let bot: DiscordBot;

  beforeAll(async () => {
    modelServer = await startModelServer();
    bot = await DiscordBot.start({ modelServer: modelServer.address });
  });

  afterAll(async () => {
    await bot?.close();
    await modelServer?.stop();
  });

  it('answers a mention with a picture by a reply that grows', async () => {
    const { discord, channel, ada } = bot;
    const question = await ada.send(channel, {
      mention: 'bot',
      text: 'Describe this image in detail.',
      attachments: [drawing('0000')],
    });
    const answer = await bot.answerTo(question);
    expect(answerText(answer)).toMatch(/^The image shows a bat on a white background\./);
    expect(answer.history.length).toBeGreaterThan(1);
    expect(answer.history[0]).toContain('Looking…');
    expect(answer.buttonsEverShown).toContain('Stop');
    expect(answer.buttons.map(({ label }) => label)).toEqual(['Try again', 'Good answer', 'Bad answer']);
    expect(answer.pinged).toEqual([]);
    expect(discord.rateLimits.violations).toEqual([]);
  });

  it('goes on about the picture in a reply without one', async () => {
    const { channel, ada, ben } = bot;
    const question = await ada.send(channel, {
      mention: 'bot',
      text: 'What is this?',
      attachments: [drawing('0001')],
    });
    const first = await bot.answerTo(question);
    expect(answerText(first)).toBe('It is an oyster.');
    const followUp = await ben.send(channel, { replyTo: first, text: 'What is the background color?' });
    expect(answerText(await bot.answerTo(followUp))).toMatch(/black/);
  });

  it('says that a file is no picture it can read', async () => {
    const { channel, ada } = bot;
    const cut = { filename: 'cut.png', bytes: drawing('0000').bytes.subarray(0, 200) };
    const answer = await bot.answerTo(
      await ada.send(channel, { mention: 'bot', text: 'What is this?', attachments: [cut] }),
    );
    expect(remarks(answer)).toEqual([expect.stringMatching(/damaged/)]);

    const renamed = { filename: 'text.png', bytes: Buffer.from('I am no picture at all.') };
    const second = await bot.answerTo(
      await ada.send(channel, { mention: 'bot', text: 'What is this?', attachments: [renamed] }),
    );
    expect(remarks(second)).toEqual([expect.stringMatching(/^text\.png: this is not a picture/)]);
  });

  it('answers direct messages without a mention, and goes on there without a reply', async () => {
    const { discord, ada } = bot;
    const direct = discord.directMessages(ada);
    const first = await bot.answerTo(
      await ada.send(direct, { text: 'What is this?', attachments: [drawing('0000')] }),
      direct,
    );
    expect(answerText(first)).toBe('It is a bat.');
    const second = await bot.answerTo(
      await ada.send(direct, { text: 'What is the background color?' }),
      direct,
    );
    expect(answerText(second)).toMatch(/white/);
  });

  it('keeps quiet when nobody speaks to it', async () => {
    const { discord, channel, ada, ben } = bot;
    const before = discord.transcript(channel).length;
    const said = await ada.send(channel, { text: 'Nice weather.' });
    await ben.send(channel, { replyTo: said, text: 'Indeed.' });
    const question = await ada.send(channel, {
      mention: 'bot',
      text: 'What is this?',
      attachments: [drawing('0000')],
    });
    await bot.answerTo(question);
    expect(discord.transcript(channel)).toHaveLength(before + 4);
  });
});

describe('when the model server is down', () => {
  it('says so in a plain sentence, and the next try works', async () => {
    const modelServer = await startModelServer();
    const port = Number(modelServer.address.split(':')[1]);
    await modelServer.stop();
    const bot = await DiscordBot.start({ modelServer: modelServer.address });
    let restarted: ModelServerProcess | undefined;
    try {
      const ask = () =>
        bot.ada.send(bot.channel, { mention: 'bot', text: 'What is this?', attachments: [drawing('0000')] });
      const refusal = await bot.answerTo(await ask());
      expect(remarks(refusal)).toEqual(['The model is not running right now. Please try again in a minute.']);
      expect(answerText(refusal)).toBe('');

      restarted = await startModelServer(port);
      expect(answerText(await bot.answerTo(await ask()))).toBe('It is a bat.');
    } finally {
      await bot.close();
      await restarted?.stop();
    }
  });
});
