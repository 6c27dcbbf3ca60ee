import { Logger, type LoggerService } from '@nestjs/common';
import { Events, PermissionFlagsBits } from 'discord.js';
import { Settings } from '../../apps/bot/src/config/settings.js';
import { DiscordConnection } from '../../apps/bot/src/discord/connection/connection.js';
import { DiscordServer } from '../../test-servers/discord/index.js';
import { type RunningServer, runServer } from '../model-server/running-server.js';
import { eventually } from '../support/eventually.js';
import { HeldEngine } from '../support/held-engine.js';
import { type RunningBot, runInThisProcess } from '../support/running-bot.js';
import { PageClient } from '../web/page-client.js';
import { answerText, DiscordBot } from './discord-bot.js';

/** What the operator reads. */
class Console implements LoggerService {
  readonly lines: string[] = [];
  log = (message: unknown) => this.lines.push(String(message));
  warn = this.log;
  error = this.log;
}

describe('the connection to Discord', () => {
  let engine: HeldEngine;
  let server: RunningServer;
  const closing: { close?(): Promise<void>; end?(): Promise<void> }[] = [];

  beforeAll(async () => {
    engine = new HeldEngine();
    server = await runServer(() => engine);
  });

  afterEach(async () => {
    for (const one of closing.splice(0).reverse()) await (one.close?.() ?? one.end?.());
  });

  afterAll(() => server?.close());

  it('works without an intent that is not granted, and says how to grant it', async () => {
    const logger = new Console();
    const bot = await DiscordBot.start({
      modelServer: server.address,
      config: { discord: { readMessageContent: true } },
      discord: { messageContentIntent: false },
      logger,
    });
    closing.push(bot);
    expect(logger.lines.join('\n')).toMatch(/"Message Content" intent is off in the developer portal/);
    const question = await bot.ada.send(bot.channel, { mention: 'bot', text: 'Hello?' });
    engine.say('Hello.');
    engine.end();
    expect(answerText(await bot.answerTo(question))).toBe('Hello.');
  });

  it('is not there with a token that Discord refuses, which is said; the rest of the bot works', async () => {
    const discord = await DiscordServer.start();
    closing.push(discord);
    const logger = new Console();
    const bot: RunningBot = await runInThisProcess(
      {
        MODEL_SERVER_ADDRESS: server.address,
        DISCORD_TOKEN: 'not.the.token',
        DISCORD_API_URL: discord.apiUrl,
        WEB_PORT: '0',
      },
      {},
      logger,
    );
    closing.push(bot);
    await eventually(() => logger.lines.some((line) => /Discord does not accept DISCORD_TOKEN/.test(line)));

    const answer = new PageClient(bot.address).ask([{ author: 'user', text: 'Hello?', images: [] }]);
    engine.say('Hello.');
    engine.end();
    await expect(answer).resolves.toMatchObject({ state: 'done', text: 'Hello.' });
  });

  it('registers the commands in the named servers only, for development, and later everywhere', async () => {
    const discord = await DiscordServer.start();
    closing.push(discord);
    const guild = discord.guild('Workshop');
    const logger = new Console();
    const variables = {
      MODEL_SERVER_ADDRESS: server.address,
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      WEB_PORT: '0',
    };
    const registered = (globally: number, inGuild: number) =>
      discord.until(
        `${globally} commands everywhere and ${inGuild} in the server`,
        () =>
          discord.state.globalCommands.length === globally &&
          (discord.state.guildCommands.get(guild.id)?.length ?? 0) === inGuild,
      );
    const development = { discord: { commandServers: ['1234', guild.id] } };
    const bot = await runInThisProcess(variables, development, logger);
    await registered(0, 4);
    expect(logger.lines.join('\n')).toMatch(/could not be registered in the server 1234 .* Check its id/);
    await bot.end();

    const second = await runInThisProcess(variables, {}, false);
    await registered(4, 0);
    const before = discord.state.globalCommands.map(({ id }) => id);
    await second.end();

    closing.push(await runInThisProcess(variables, {}, false));
    await discord.until('the third start', () => discord.gateway.identifications.length === 3);
    expect(discord.state.globalCommands.map(({ id }) => id)).toEqual(before);
  });

  it('says which permissions are missing in which channels, at the start and on joining', async () => {
    const discord = await DiscordServer.start();
    closing.push(discord);
    const logger = new Console();
    const forbid = (guildName: string) => {
      const guild = discord.guild(guildName);
      discord.textChannel(guild, 'welcome');
      discord.deny(discord.textChannel(guild, 'rules'), PermissionFlagsBits.SendMessages);
      discord.deny(discord.textChannel(guild, 'news'), PermissionFlagsBits.ReadMessageHistory);
      return guild;
    };
    forbid('Zoo');
    const variables = {
      MODEL_SERVER_ADDRESS: server.address,
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      WEB_PORT: '0',
    };
    closing.push(await runInThisProcess(variables, {}, logger));
    const report = (name: string) => [
      `In the server ${name} the bot needs the permission Send Messages in #rules to answer there.`,
      `In the server ${name} the bot needs the permission Read Message History in #news to answer there.`,
    ];
    const said = () => logger.lines.filter((line) => /needs the permission/.test(line));
    await eventually(() => said().length === 2);
    expect(said()).toEqual(report('Zoo'));
    const farm = forbid('Farm');
    discord.gateway.dispatch('GUILD_CREATE', farm.id, 0, () => discord.renderer.guildCreate(farm));
    await eventually(() => said().length === 4);
    expect(said().slice(2)).toEqual(report('Farm'));
  });

  it('tells of the deletion of messages from before its start', async () => {
    const discord = await DiscordServer.start();
    closing.push(discord);
    const channel = discord.textChannel(discord.guild('Zoo'));
    const message = await discord.user('Ada').send(channel, { text: 'Old.' });
    const { environment, config } = Settings.parse({
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
    });
    const connection = new DiscordConnection(environment, config, new Logger());
    closing.push(connection);
    const deleted: string[] = [];
    let ready = false;
    connection.connect((client) => {
      client.once(Events.ClientReady, () => {
        ready = true;
      });
      client.on(Events.MessageDelete, ({ id }) => deleted.push(id));
    });
    await eventually(() => ready);
    discord.user('Ada').delete(message);
    await eventually(() => deleted.includes(message.id));
  });
});
