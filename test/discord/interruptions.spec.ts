import { type RunningServer, runServer } from '../model-server/running-server.js';
import { eventually } from '../support/eventually.js';
import { HeldEngine } from '../support/held-engine.js';
import { answerText, DiscordBot, remarks } from './discord-bot.js';

describe('an answer that is interrupted', () => {
  let engine: HeldEngine;
  let server: RunningServer;
  let bot: DiscordBot;

  beforeEach(async () => {
    engine = new HeldEngine();
    server = await runServer(() => engine);
    bot = await DiscordBot.start({ modelServer: server.address });
  });

  afterEach(async () => {
    await bot?.close();
    await server?.close();
  });

  async function askAndBegin() {
    const question = await bot.ada.send(bot.channel, { mention: 'bot', text: 'What is this?' });
    engine.say('It is a');
    return { question, reply: await bot.replyShowing(question, 'It is a') };
  }

  it('ends on the model server when the question is deleted', async () => {
    const { question } = await askAndBegin();
    bot.ada.delete(question);
    await eventually(() => engine.cancelled === 1);
  });

  it('ends on the model server when the answer is deleted', async () => {
    const { reply } = await askAndBegin();
    const { board, state } = bot.discord;
    board.delete(state.messages.get(reply.id)!, bot.guild.ownerId);
    engine.say(' bat');
    await eventually(() => engine.cancelled === 1);
  });

  it('is not noticed when only the gateway breaks for a moment', async () => {
    const { question } = await askAndBegin();
    bot.discord.gateway.dropConnections();
    engine.say(' bat.');
    engine.end();
    await bot.replyShowing(question, 'It is a bat.');
    await bot.discord.until('the bot is back', () => bot.discord.gateway.resumed === 1);
  });

  it('is carried through when Discord fails for a moment', async () => {
    const { question } = await askAndBegin();
    bot.discord.router.failNext('PATCH /channels/:channel/messages/:message', 503);
    engine.say(' bat.');
    engine.end();
    await bot.replyShowing(question, 'It is a bat.');
  });
});

describe('a bot that is killed while it answers', () => {
  let engine: HeldEngine;
  let server: RunningServer;
  let bot: DiscordBot;

  beforeAll(async () => {
    engine = new HeldEngine();
    server = await runServer(() => engine);
    bot = await DiscordBot.start({ modelServer: server.address, asProcess: true });
  });

  afterAll(async () => {
    await bot?.close();
    await server?.close();
  });

  it('marks the half answer after its restart, and goes on with the conversation', async () => {
    const question = await bot.ada.send(bot.channel, { mention: 'bot', text: 'What is this?' });
    engine.say('It is a');
    const reply = await bot.replyShowing(question, 'It is a');
    await bot.restart();
    const marked = await bot.answerTo(question);
    expect(answerText(marked)).toBe('It is a');
    expect(remarks(marked)).toEqual(['This answer broke off.']);
    expect(marked.buttons.map(({ label }) => label)).toEqual(['Try again']);

    await eventually(() => engine.cancelled === 1);
    const next = await bot.ben.send(bot.channel, { replyTo: reply, text: 'Please go on.' });
    engine.say('A bat.');
    engine.end();
    await bot.replyShowing(next, 'A bat.');
    const prompt = engine.requests.at(-1)!.segments;
    const texts = prompt.map((segment) => (segment.kind === 'text' ? segment.text : ''));
    expect(texts.join('')).toMatch(/What is this\?.*It is a.*Please go on\./s);
  });
});
