import { PermissionFlagsBits } from 'discord.js';

import { type RunningServer, runServer } from '../model-server/running-server.js';
import { HeldEngine } from '../support/held-engine.js';
import { answerText, DiscordBot, remarks } from './discord-bot.js';

/** The engine says what the test lets it say; discord.js, the bot and gRPC are the real ones. */
describe('the buttons below an answer', () => {
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

  it('let the asker stop the answer, on the model server too', async () => {
    const { question, reply } = await askAndBegin();
    bot.ada.press(reply, 'Stop');
    const stopped = await bot.answerTo(question);
    expect(answerText(stopped)).toBe('It is a');
    expect(remarks(stopped)).toEqual(['Stopped.']);
    expect(stopped.buttons.map(({ label }) => label)).toEqual(['Try again']);
    expect(engine.cancelled).toBe(1);
  });

  it('let a moderator stop it, and nobody else', async () => {
    const { question, reply } = await askAndBegin();
    const pressed = bot.ben.press(reply, 'Stop');
    const told = await bot.answerToCommand(pressed);
    expect(told).toMatchObject({
      content: 'Only the person who asked and moderators can do that.',
      visibleOnlyTo: 'Ben',
    });
    expect(engine.cancelled).toBe(0);

    const { state } = bot.discord;
    const role = state.addRole(bot.guild, 'Moderators', PermissionFlagsBits.ManageMessages);
    bot.guild.members.get(bot.ben.id)!.roleIds.add(role.id);
    bot.ben.press(reply, 'Stop');
    expect(remarks(await bot.answerTo(question))).toEqual(['Stopped.']);
  });

  it('ask the same question again into the same message', async () => {
    const { question, reply } = await askAndBegin();
    engine.say(' bat.');
    engine.end();
    await bot.answerTo(question);

    bot.ada.press(reply, 'Try again');
    engine.say('Surely a cat.');
    const again = await bot.replyShowing(question, 'Surely a cat.');
    engine.end();
    expect(again.id).toBe(reply.id);
    expect((await bot.answerTo(question)).history).toContain('It is a bat.');
    expect(engine.requests).toHaveLength(2);
    expect(engine.requests[1]?.segments).toEqual(engine.requests[0]?.segments);
    expect(engine.requests[1]?.sampling?.temperature).toBeGreaterThan(0);
  });

  it('take votes and say thank you to the voter alone', async () => {
    const { question, reply } = await askAndBegin();
    engine.end();
    await bot.answerTo(question);
    const thanks = await bot.answerToCommand(bot.ben.press(reply, 'Good answer'));
    expect(thanks).toMatchObject({ content: 'Thank you.', visibleOnlyTo: 'Ben' });
  });

  it('work after the bot was restarted', async () => {
    const { question, reply } = await askAndBegin();
    engine.end();
    await bot.answerTo(question);
    await bot.restart();
    bot.ada.press(reply, 'Try again');
    engine.say('A second thought.');
    engine.end();
    expect(answerText(await bot.replyShowing(question, 'A second thought.'))).toBe('A second thought.');
  });

  it('speak the language of the one who presses', async () => {
    const { reply } = await askAndBegin();
    const greta = bot.discord.user('Greta', { locale: 'de' });
    const told = await bot.answerToCommand(greta.press(reply, 'Stop'));
    expect(told.content).toMatch(/^Das können nur die Person/);
  });
});
