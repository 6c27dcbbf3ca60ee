import {
  type APIMessageTopLevelComponent,
  type APIStickerItem,
  type LocaleString,
  PermissionFlagsBits,
} from 'discord.js';
import type { Channel, DiscordServer, Message, ShownMessage } from '../../../test-servers/discord/index.js';
import { DiscordBot } from '../../discord/discord-bot.js';
import type { Config } from '../../support/running-bot.js';
import {
  type Answer,
  direct,
  type Messenger,
  type Posted,
  type Question,
  type Saying,
  type Traits,
} from '../chat-platform.js';
import type { Picture } from '../pictures.js';
import { DiscordAnswer, DiscordPosted, DiscordQuestion, type Place, toUpload } from './discord-messages.js';

export interface DiscordChatOptions {
  readonly modelServer: string;
  readonly config?: Config | undefined;
  readonly asProcess?: boolean | undefined;
}

/** What only Discord's messages hold. */
interface DiscordSaying extends Saying {
  readonly stickers?: readonly APIStickerItem[];
}

/** A Discord server with the bot in it, and people at their clients. */
export class DiscordChat implements Messenger {
  readonly name = 'discord';
  readonly altTextLength = 1_024;

  private constructor(readonly bot: DiscordBot) {}

  static async open({ modelServer, config, asProcess }: DiscordChatOptions): Promise<DiscordChat> {
    const messageContentIntent = config?.discord?.readMessageContent === true;
    const discord = { rateLimits: {}, messageContentIntent };
    return new DiscordChat(
      await DiscordBot.start({
        modelServer,
        discord,
        ...(config && { config }),
        ...(asProcess && { asProcess }),
      }),
    );
  }

  get discord(): DiscordServer {
    return this.bot.discord;
  }

  get idOfServer(): string {
    return this.bot.guild.id;
  }

  meet(name: string, { language = 'en-US', moderator = false }: Traits): void {
    this.discord.user(name, { locale: language as LocaleString });
    if (moderator) this.giveRole(name, 'Moderators', PermissionFlagsBits.ManageMessages);
  }

  /** @returns the role's id */
  giveRole(name: string, roleName: string, permissions = 0n): string {
    const role = this.discord.role(this.bot.guild, roleName, permissions);
    this.bot.guild.members.get(this.idOf(name))?.roleIds.add(role.id);
    return role.id;
  }

  idOf(person: string): string {
    return this.discord.user(person).id;
  }

  idOfChannel(name: string): string {
    return this.channel(name).id;
  }

  async ask(
    text: string,
    { by = 'Ada', in: place = 'general', ...saying }: DiscordSaying = {},
  ): Promise<DiscordQuestion> {
    const mention = place === direct ? undefined : ('bot' as const);
    const message = await this.send(text, by, place, saying, mention);
    return this.question({ message }, by);
  }

  /** Asks in words that do not mention the bot. */
  async mentionless(text: string, { by = 'Ada', in: place = 'general', ...saying }: DiscordSaying = {}) {
    return this.question({ message: await this.send(text, by, place, saying) }, by);
  }

  /** Another bot shows something by components. */
  async show(components: readonly APIMessageTopLevelComponent[]): Promise<DiscordPosted> {
    const message = await this.discord.machine('Robot').send(this.channel('general'), { components });
    return new DiscordPosted(this.discord, message, 'Robot');
  }

  async describe(picture: Picture, question?: string, { by = 'Ada', in: place = 'general' }: Saying = {}) {
    const options = { image: toUpload(picture), ...(question !== undefined && { question }) };
    const interaction = await this.discord.user(by).command(this.channel(place, by), 'describe', options);
    return this.question({ interaction }, by);
  }

  async altText(picture: Picture): Promise<Question> {
    const ada = this.discord.user('Ada');
    const interaction = await ada.command(this.channel('general'), 'alt-text', { image: toUpload(picture) });
    return this.question({ interaction }, 'Ada');
  }

  async post(text: string, { by = 'Ben', in: place = 'general', ...saying }: Saying = {}): Promise<Posted> {
    return new DiscordPosted(this.discord, await this.send(text, by, place, saying), by);
  }

  async publish(picture: Picture): Promise<string> {
    const message = await this.send('', 'Ben', 'public pictures', { pictures: [picture] });
    const [attachment] = message.attachments;
    if (!attachment) throw new Error('A message with a picture has an attachment.');
    return this.discord.cdn.render(message.channelId, attachment).url;
  }

  /** Opens a thread at a message. @returns its name, which stands for the place */
  openThread(posted: Posted, name: string): string {
    if (!(posted instanceof DiscordPosted)) throw new Error('The message is none of Discord.');
    this.discord.user('Ada').openThread(posted.message, name);
    return name;
  }

  async toldAlone(person: string): Promise<string> {
    const told = await this.discord.until(`${person} is told something alone`, () =>
      this.everythingSaid().findLast(({ visibleOnlyTo }) => visibleOnlyTo === person),
    );
    return told.content;
  }

  repliesIn(channel: string): readonly Answer[] {
    return this.discord
      .transcript(this.channel(channel))
      .filter(({ author }) => author === 'Lumen')
      .map((shown) => new DiscordAnswer(this.discord, [shown], 'Ada'));
  }

  failNextEdit(): void {
    this.discord.router.failNext('PATCH /channels/:channel/messages/:message', 503);
  }

  /** Discord's windows are of seconds, which pass by themselves. */
  passMinute(): void {}

  memory(): Promise<number> {
    return this.bot.memory();
  }

  async breakConnection(): Promise<void> {
    const before = this.discord.gateway.resumed;
    this.discord.gateway.dropConnections();
    await this.discord.until('the bot is back', () => this.discord.gateway.resumed > before);
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.bot.address}/metrics`)).text();
  }

  reconfigure(config: Config): Promise<void> {
    return this.bot.reconfigure(config);
  }

  restart(): Promise<void> {
    return this.bot.restart();
  }

  breaches(): string[] {
    return [
      ...this.discord.rateLimits.violations.map(({ route }) => `beyond the rate limit: ${route}`),
      ...this.discord.unansweredInteractions().map(({ id }) => `unanswered within 3 s: ${id}`),
    ];
  }

  close(): Promise<void> {
    return this.bot.close();
  }

  question(place: Place, by: string): DiscordQuestion {
    return new DiscordQuestion(this.discord, place, by);
  }

  /** The channel or thread of this name, made at its first use. */
  channel(name: string, person = 'Ada'): Channel {
    if (name === direct) return this.discord.directMessages(this.discord.user(person));
    const known = [...this.discord.state.channels.values()].find((channel) => channel.name === name);
    return known ?? this.discord.textChannel(this.bot.guild, name);
  }

  private async send(
    text: string,
    by: string,
    place: string,
    { pictures = [], forwards, preview, stickers }: DiscordSaying,
    mention?: 'bot',
  ): Promise<Message> {
    const user = this.discord.user(by);
    const channel = this.channel(place, by);
    if (forwards instanceof DiscordPosted) return user.forward(forwards.message, channel);
    return user.send(channel, {
      text,
      attachments: pictures.map(toUpload),
      ...(mention && { mention }),
      ...(stickers && { stickers }),
      ...(preview !== undefined && { embeds: [{ image: { url: preview } }] }),
    });
  }

  private everythingSaid(): ShownMessage[] {
    return [...this.discord.state.channels.values()].flatMap((channel) => this.discord.transcript(channel));
  }
}
