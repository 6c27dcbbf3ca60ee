import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ActionRowBuilder,
  ApplicationCommandType,
  ButtonBuilder,
  ButtonStyle,
  Client,
  DiscordAPIError,
  Events,
  GatewayIntentBits,
  type Interaction,
  type Message,
  MessageFlags,
  Partials,
  SlashCommandBuilder,
  TextDisplayBuilder,
} from 'discord.js';
import { DiscordServer } from './index.js';

/** The server, driven by nothing but discord.js: what it accepts and refuses is discord.js's own idea too. */
describe('the Discord server for tests', () => {
  const bat = readFileSync('test/fixtures/emoji-scenes/validation/seen-drawings/0000.png');
  const closing: (() => Promise<void> | void)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function start(
    options: Parameters<typeof DiscordServer.start>[0] = {},
    moreIntents: GatewayIntentBits[] = [],
  ) {
    const server = await DiscordServer.start(options);
    const channel = server.textChannel(server.guild('Zoo'));
    const client = new Client({
      rest: { api: server.apiUrl },
      intents: [
        GatewayIntentBits.Guilds,
        GatewayIntentBits.GuildMessages,
        GatewayIntentBits.DirectMessages,
        ...moreIntents,
      ],
      partials: [Partials.Channel, Partials.Message],
    });
    closing.push(
      () => server.close(),
      () => client.destroy(),
    );
    const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
    await client.login(server.token);
    await ready;
    const next = <Payload>(event: string) =>
      new Promise<Payload>((resolve) => client.once(event, resolve as never));
    const room = await client.channels.fetch(channel.id);
    if (!room?.isSendable()) throw new Error('The channel cannot be written to.');
    return { server, channel, client, next, room };
  }

  it('lets discord.js log in and tells it its guilds and channels', async () => {
    const { client, channel } = await start();
    expect(client.user?.username).toBe('Lumen');
    expect(client.guilds.cache.map(({ name }) => name)).toEqual(['Zoo']);
    expect(client.channels.cache.has(channel.id)).toBe(true);
  });

  it('refuses a wrong token and an intent that is not switched on', async () => {
    const server = await DiscordServer.start();
    closing.push(() => server.close());
    const stranger = new Client({ rest: { api: server.apiUrl }, intents: [] });
    closing.push(() => stranger.destroy());
    await expect(stranger.login('not.the.token')).rejects.toThrow('invalid token');
    const curious = new Client({ rest: { api: server.apiUrl }, intents: [GatewayIntentBits.MessageContent] });
    closing.push(() => curious.destroy());
    await expect(curious.login(server.token)).rejects.toThrow('Used disallowed intents');
  });

  it('shows what is said to everybody without its content, and a mention with it', async () => {
    const { server, channel, next } = await start();
    const ada = server.user('Ada');
    const overheard = next<Message>(Events.MessageCreate);
    const picture = { filename: 'bat.png', bytes: bat };
    await ada.send(channel, { text: 'look', attachments: [picture] });
    expect(await overheard).toMatchObject({ content: '' });
    expect((await overheard).attachments.size).toBe(0);

    const addressed = next<Message>(Events.MessageCreate);
    await ada.send(channel, { mention: 'bot', text: 'look', attachments: [picture] });
    const message = await addressed;
    expect(message.cleanContent).toBe('@Lumen look');
    const attachment = message.attachments.first()!;
    expect(attachment).toMatchObject({ name: 'bat.png', contentType: 'image/png', width: 112, height: 112 });
    expect(Buffer.from(await (await fetch(attachment.url)).arrayBuffer())).toEqual(bat);
  });

  it('shows everything to a bot with the message content intent', async () => {
    const { server, channel, next } = await start({ messageContentIntent: true }, [
      GatewayIntentBits.MessageContent,
    ]);
    const overheard = next<Message>(Events.MessageCreate);
    await server.user('Ada').send(channel, { text: 'look' });
    expect(await overheard).toMatchObject({ content: 'look' });
  });

  it('lets a link to a file expire after a day and signs a new one on every read', async () => {
    const { server, channel, next } = await start();
    const created = next<Message>(Events.MessageCreate);
    await server
      .user('Ada')
      .send(channel, { mention: 'bot', attachments: [{ filename: 'bat.png', bytes: bat }] });
    const message = await created;
    const { url } = message.attachments.first()!;
    expect((await fetch(url.replace('bat.png', 'cat.png'))).status).toBe(404);
    server.state.clock.advance(25 * 60 * 60 * 1000);
    expect((await fetch(url)).status).toBe(404);
    const read = await message.fetch(true);
    expect((await fetch(read.attachments.first()!.url)).status).toBe(200);
  });

  it.each([
    ['2001 characters', { content: 'x'.repeat(2001) }, 50035],
    ['nothing at all', { content: ' ' }, 50006],
    ['two equal custom ids', { content: 'x', components: [row('same', 'same')] }, 50035],
    [
      'content beside components V2',
      { content: 'x', components: [text('y')], flags: MessageFlags.IsComponentsV2 as const },
      50035,
    ],
    [
      '4001 characters of components V2',
      { components: [text('x'.repeat(4000)), text('y')], flags: MessageFlags.IsComponentsV2 as const },
      50035,
    ],
  ])('refuses %s', async (_, post, code) => {
    const { room } = await start();
    await expect(room.send(post)).rejects.toMatchObject({ code });
  });

  it('sends a message with the same enforced nonce once', async () => {
    const { server, channel, room } = await start();
    const first = await room.send({ content: 'once', nonce: '42', enforceNonce: true });
    const second = await room.send({ content: 'once', nonce: '42', enforceNonce: true });
    expect(second.id).toBe(first.id);
    expect(server.transcript(channel)).toHaveLength(1);
  });

  it('rings only at those whom allowed mentions let through', async () => {
    const { server, channel, room } = await start();
    const { id } = server.user('Ada');
    await room.send({ content: `<@${id}>` });
    await room.send({ content: `<@${id}> @everyone`, allowedMentions: { parse: [] } });
    expect(server.transcript(channel).map(({ pinged }) => pinged)).toEqual([['Ada'], []]);
  });

  it('announces its limits in headers that keep discord.js within them', async () => {
    const { server, room } = await start({
      rateLimits: { 'PATCH /channels/:channel/messages/:message': { limit: 2, windowMs: 400 } },
    });
    const message = await room.send('0');
    for (let edit = 1; edit <= 5; edit++) await message.edit(String(edit));
    expect(server.rateLimits.violations).toEqual([]);
    expect(server.shown(message).history).toEqual(['0', '1', '2', '3', '4', '5']);
  });

  it('answers 429 to those who come too early', async () => {
    const { server, channel } = await start();
    const post = () =>
      fetch(`${server.apiUrl}/v10/channels/${channel.id}/messages`, {
        method: 'POST',
        headers: { authorization: `Bot ${server.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ content: 'hurry' }),
      });
    const answers = await Promise.all(Array.from({ length: 6 }, post));
    const refused = answers.find(({ status }) => status === 429)!;
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(refused.headers.get('x-ratelimit-scope')).toBe('user');
    expect(await refused.json()).toMatchObject({ global: false, retry_after: expect.any(Number) });
  });

  it('lets nobody edit the words of others', async () => {
    const { server, channel, room } = await start();
    const sent = await server.user('Ada').send(channel, { text: 'mine' });
    const message = await room.messages.fetch(sent.id);
    await expect(message.edit('yours')).rejects.toThrow(DiscordAPIError);
    await expect(message.delete()).rejects.toMatchObject({ code: 50013 });
  });

  it('takes up a dropped connection where it broke', async () => {
    const { server, channel, next } = await start();
    const heard = next<Message>(Events.MessageCreate);
    server.gateway.dropConnections();
    await server.user('Ada').send(channel, { mention: 'bot', text: 'still there?' });
    expect((await heard).cleanContent).toBe('@Lumen still there?');
    expect(server.gateway.identifications).toHaveLength(1);
  });

  it('keeps the ids of commands that are registered again', async () => {
    const { server, client } = await start();
    const commands = [
      new SlashCommandBuilder()
        .setName('describe')
        .setDescription('Describes a picture')
        .addAttachmentOption((option) =>
          option.setName('image').setDescription('A picture').setRequired(true),
        ),
      { name: 'Alt text', type: ApplicationCommandType.Message as const },
    ];
    const first = await client.application!.commands.set(commands);
    const second = await client.application!.commands.set(commands);
    expect([...second.keys()]).toEqual([...first.keys()]);
    expect(server.state.globalCommands.map(({ name }) => name)).toEqual(['describe', 'Alt text']);
  });

  describe('interactions', () => {
    async function startWithCommand(guildOptions?: { botInstalled: boolean }) {
      const setUp = await start();
      const { server, client, next } = setUp;
      await client.application!.commands.set([{ name: 'look', description: 'Looks' }]);
      const channel = guildOptions
        ? server.textChannel(server.guild('Elsewhere', guildOptions))
        : setUp.channel;
      const received = next<Interaction>(Events.InteractionCreate);
      const used = await server.user('Ada').command(channel, 'look');
      const interaction = await received;
      if (!interaction.isChatInputCommand()) throw new Error('Expected a slash command.');
      return { ...setUp, channel, used, interaction };
    }

    it('show the deferred answer when it is edited in', async () => {
      const { server, used, interaction } = await startWithCommand();
      await interaction.deferReply();
      expect(server.answerTo(used)).toBeUndefined();
      await interaction.editReply('done');
      expect(server.answerTo(used)).toMatchObject({ content: 'done', author: 'Lumen' });
    });

    it('are unknown after three seconds without an answer', async () => {
      const { server, interaction, used } = await startWithCommand();
      server.state.clock.advance(3001);
      await expect(interaction.reply('late')).rejects.toMatchObject({ code: 10062 });
      expect(server.unansweredInteractions()).toEqual([used]);
    });

    it('cannot be answered twice', async () => {
      const { interaction } = await startWithCommand();
      await interaction.reply('once');
      const request = interaction.client.rest.post(
        `/interactions/${interaction.id}/${interaction.token}/callback`,
        { body: { type: 4, data: { content: 'twice' } }, auth: false },
      );
      await expect(request).rejects.toMatchObject({ code: 40060 });
    });

    it('can be edited for fifteen minutes', async () => {
      const { server, interaction } = await startWithCommand();
      await interaction.reply('soon');
      server.state.clock.advance(15 * 60 * 1000 + 1);
      await expect(interaction.editReply('late')).rejects.toMatchObject({ code: 50027 });
    });

    it('take five follow-ups where the app is only installed for the user', async () => {
      const { interaction } = await startWithCommand({ botInstalled: false });
      await interaction.reply('first');
      for (let index = 0; index < 5; index++) await interaction.followUp(`more ${index}`);
      await expect(interaction.followUp('too much')).rejects.toMatchObject({ code: 40094 });
    });

    it('reach the bot from buttons, whose message can be updated', async () => {
      const { server, channel, room, next } = await start();
      const message = await room.send({ content: 'press', components: [row('one', 'two')] });
      const pressed = next<Interaction>(Events.InteractionCreate);
      server.user('Ada').press(message, 'two');
      const interaction = await pressed;
      if (!interaction.isButton()) throw new Error('Expected a button.');
      expect(interaction.customId).toBe('two');
      await interaction.update({ content: 'pressed', components: [] });
      expect(server.transcript(channel)).toMatchObject([{ content: 'pressed', buttons: [] }]);
    });
  });

  it('waits for what tests wait for, and says what there was instead', async () => {
    const { server, channel } = await start();
    const ada = server.user('Ada');
    void delay(10).then(() => ada.send(channel, { text: 'hello' }));
    await server.until('Ada said hello', () => server.transcript(channel).length === 1);
    await expect(server.until('Bob said hello', () => false, 10)).rejects.toThrow(
      /Bob said hello.*Ada: hello/s,
    );
  });
});

function row(...ids: string[]) {
  return new ActionRowBuilder<ButtonBuilder>().addComponents(
    ids.map((id) => new ButtonBuilder().setCustomId(id).setLabel(id).setStyle(ButtonStyle.Secondary)),
  );
}

function text(content: string) {
  return new TextDisplayBuilder().setContent(content);
}
