import { type LocaleString, PermissionFlagsBits } from 'discord.js';

import { answerText, DiscordBot, remarks } from '../../discord/discord-bot.js';
import type {
  Channel,
  DiscordServer,
  Interaction,
  Message,
  ShownMessage,
  Upload,
} from '../../discord-server/index.js';
import type { Config } from '../../support/running-bot.js';
import {
  type Answer,
  type Button,
  direct,
  isFinished,
  type Messenger,
  type Posted,
  type Question,
  type Saying,
  type Traits,
} from '../chat-platform.js';
import type { Picture } from '../pictures.js';

export interface DiscordChatOptions {
  readonly modelServer: string;
  readonly config?: Config | undefined;
  readonly asProcess?: boolean | undefined;
}

/** What Discord shows in the place of an answer: a reply to a message, or what an interaction left. */
type Place = { readonly message: Message } | { readonly interaction: Interaction };

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
    { by = 'Ada', in: place = 'general', ...saying }: Saying = {},
  ): Promise<DiscordQuestion> {
    const mention = place === direct ? undefined : ('bot' as const);
    const message = await this.send(text, by, place, saying, mention);
    return this.question({ message }, by);
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
    return new DiscordPosted(this, await this.send(text, by, place, saying), by);
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
      .map((shown) => new DiscordAnswer(this, [shown], 'Ada'));
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
    return new DiscordQuestion(this, place, by);
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
    { pictures = [], forwards, preview }: Saying,
    mention?: 'bot',
  ): Promise<Message> {
    const user = this.discord.user(by);
    const channel = this.channel(place, by);
    if (forwards instanceof DiscordPosted) return user.forward(forwards.message, channel);
    return user.send(channel, {
      text,
      attachments: pictures.map(toUpload),
      ...(mention && { mention }),
      ...(preview !== undefined && { embeds: [{ image: { url: preview } }] }),
    });
  }

  private everythingSaid(): ShownMessage[] {
    return [...this.discord.state.channels.values()].flatMap((channel) => this.discord.transcript(channel));
  }
}

class DiscordQuestion implements Question {
  /** @param after only what the reply shows after so many versions counts */
  constructor(
    private readonly chat: DiscordChat,
    private readonly place: Place,
    private readonly by: string,
    private readonly after = 0,
  ) {}

  until(what: string, fits: (answer: Answer) => boolean): Promise<Answer> {
    return this.chat.discord.until(what, () => {
      const parts = this.parts();
      if (parts.length === 0 || (parts[0]?.history.length ?? 0) <= this.after) return undefined;
      const answer = new DiscordAnswer(this.chat, parts, this.by, this.place);
      return fits(answer) ? answer : undefined;
    });
  }

  answer(): Promise<Answer> {
    return this.until('the question is answered', isFinished);
  }

  message(): Posted {
    if (!('message' in this.place)) throw new Error('No message asked this, but a command.');
    return new DiscordPosted(this.chat, this.place.message, this.by);
  }

  withdraw(): Promise<void> {
    return this.message().delete();
  }

  /** The reply, first message to last. */
  private parts(): ShownMessage[] {
    const first = this.first();
    if (!first) return [];
    const { channelId } = this.chat.discord.state.messages.get(first.id)!;
    const said = this.chat.discord.transcript(this.chat.discord.state.channels.get(channelId)!);
    const parts = [first];
    for (;;) {
      const next = said.find(({ author, repliesTo }) => author === 'Lumen' && repliesTo === parts.at(-1)?.id);
      if (!next) return parts;
      parts.push(next);
    }
  }

  private first(): ShownMessage | undefined {
    const { discord } = this.chat;
    if ('message' in this.place) {
      const { id, channelId } = this.place.message;
      return discord
        .transcript(discord.state.channels.get(channelId)!)
        .find(({ author, repliesTo }) => author === 'Lumen' && repliesTo === id);
    }
    const { interaction } = this.place;
    const messages = [...discord.state.messages.values()].filter(
      ({ interactionId, deletedAt }) => interactionId === interaction.id && deletedAt === undefined,
    );
    return messages[0] && discord.shown(messages[0]);
  }
}

class DiscordAnswer implements Answer {
  readonly text;
  readonly parts;
  readonly remarks;
  readonly shown;
  readonly versions;
  readonly buttons;
  readonly onlyFor;
  readonly pinged;
  private readonly last: ShownMessage;

  constructor(
    private readonly chat: DiscordChat,
    messages: readonly ShownMessage[],
    private readonly by: string,
    private readonly place?: Place,
  ) {
    const [last] = messages.slice(-1);
    if (!last) throw new Error('An answer has at least one message.');
    this.last = last;
    this.parts = messages.map(answerText);
    this.text = this.parts.join('\n');
    this.remarks = remarks(last);
    this.shown = messages.map(({ content }) => content).join('\n');
    this.versions = last.history;
    this.buttons = last.buttons.map(({ label }) => label);
    this.onlyFor = last.visibleOnlyTo;
    this.pinged = messages.flatMap(({ pinged }) => pinged);
  }

  async press(button: Button, by = this.by): Promise<void> {
    this.chat.discord.user(by).press(this.last, button);
  }

  async tryAgain(by = this.by): Promise<Question> {
    const place = this.place ?? { message: this.chat.discord.state.messages.get(this.last.repliesTo ?? '')! };
    await this.press('Try again', by);
    return new DiscordQuestion(this.chat, place, this.by, this.versions.length);
  }

  async followUp(text: string, { by = this.by, pictures = [] }: Saying = {}): Promise<Question> {
    const { state } = this.chat.discord;
    const { channelId, interactionId } = state.messages.get(this.last.id)!;
    const message = await this.chat.discord.user(by).send(state.channels.get(channelId)!, {
      text,
      replyTo: this.last,
      attachments: pictures.map(toUpload),
      // Replies to the answers of commands arrive empty unless they mention the bot.
      ...(interactionId !== undefined && { mention: 'bot' }),
    });
    return this.chat.question({ message }, by);
  }
}

class DiscordPosted implements Posted {
  constructor(
    private readonly chat: DiscordChat,
    readonly message: Message,
    private readonly author: string,
  ) {}

  async askAbout(text: string, by = 'Ada'): Promise<Question> {
    const channel = this.chat.discord.state.channels.get(this.message.channelId)!;
    const message = await this.chat.discord
      .user(by)
      .send(channel, { text, mention: 'bot', replyTo: this.message });
    return this.chat.question({ message }, by);
  }

  async choose(entry: string, by = 'Ada'): Promise<Question> {
    const interaction = this.chat.discord.user(by).messageCommand(this.message, entry);
    return this.chat.question({ interaction }, by);
  }

  async delete(): Promise<void> {
    this.chat.discord.user(this.author).delete(this.message);
  }
}

function toUpload({ name, bytes }: Picture): Upload {
  return { filename: name, bytes };
}
