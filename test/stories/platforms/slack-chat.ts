import {
  type Conversation,
  type Human,
  type Message,
  type Sharing,
  type SlackServer,
  type Workspace,
} from '../../../test-servers/slack/index.js';
import { type SlackBotInWorkspace, type SlackMode, startSlackBot } from '../../slack/slack-bot.js';
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
import {
  questionFromNow,
  questionOf,
  SlackAnswer,
  SlackPosted,
  type SlackQuestion,
  toFile,
} from './slack-messages.js';

export interface SlackChatOptions {
  readonly modelServer: string;
  readonly config?: Config | undefined;
  readonly asProcess?: boolean | undefined;
  readonly mode?: SlackMode;
}

/** A Slack workspace with the bot in it, and people at their clients. */
export class SlackChat implements Messenger {
  readonly name = 'slack';
  readonly altTextLength = 2_000;
  private readonly people: Map<string, Human>;
  private readonly channels = new Map<string, Conversation>();

  private constructor(readonly bot: SlackBotInWorkspace) {
    this.people = new Map([
      ['Ada', bot.ada],
      ['Ben', bot.ben],
    ]);
  }

  static async open(options: SlackChatOptions): Promise<SlackChat> {
    const { config, asProcess, ...rest } = options;
    return new SlackChat(
      await startSlackBot({ ...rest, ...(config && { config }), ...(asProcess && { asProcess }) }),
    );
  }

  get slack(): SlackServer {
    return this.bot.slack;
  }

  get workspace(): Workspace {
    return this.bot.workspace;
  }

  get idOfServer(): string {
    return this.slack.store.team.id;
  }

  meet(name: string, { language = 'en-US', moderator = false }: Traits): void {
    this.people.set(name, this.workspace.user(name, { locale: language, isAdmin: moderator }));
  }

  person(name: string): Human {
    const person = this.people.get(name);
    if (!person) throw new Error(`Nobody has met ${name}.`);
    return person;
  }

  idOf(person: string): string {
    return this.person(person).id;
  }

  idOfChannel(name: string): string {
    return this.conversation(name).id;
  }

  async ask(
    text: string,
    { by = 'Ada', in: place = 'general', ...saying }: Saying = {},
  ): Promise<SlackQuestion> {
    const conversation = this.conversation(place, by);
    const sharing = this.sharing(text, saying);
    const message =
      place === direct
        ? await this.person(by).directMessage(sharing)
        : await this.person(by).mention(conversation, sharing);
    return this.questionOf(message, by);
  }

  async describe(picture: Picture, question = '', { by = 'Ada', in: place = 'general' }: Saying = {}) {
    return this.slash('/describe', `${this.slack.publicFile(picture)} ${question}`.trim(), by, place);
  }

  altText(picture: Picture): Promise<Question> {
    return this.slash('/alt-text', this.slack.publicFile(picture), 'Ada', 'general');
  }

  /** Types a command, with whatever words behind it. */
  async slash(command: string, text: string, by = 'Ada', place = 'general'): Promise<Question> {
    const conversation = this.conversation(place, by);
    const question = this.questionFromNow(conversation, by);
    await this.person(by).slash(conversation, command, text);
    return question;
  }

  /** The answer to whatever is done next in a conversation. */
  questionFromNow(conversation: Conversation, by: string): SlackQuestion {
    return questionFromNow(this, conversation, by);
  }

  async post(text: string, { by = 'Ben', in: place = 'general', ...saying }: Saying = {}): Promise<Posted> {
    const message = await this.person(by).post(this.conversation(place, by), this.sharing(text, saying));
    return new SlackPosted(this, message, by);
  }

  async publish(picture: Picture): Promise<string> {
    return this.slack.publicFile(picture);
  }

  async toldAlone(person: string): Promise<string> {
    const told = await this.workspace.until(`${person} is told something alone`, () =>
      [...this.slack.store.conversations.values()]
        .flatMap((conversation) => this.workspace.replies(conversation))
        .findLast(({ onlyFor }) => onlyFor === person),
    );
    return told.text;
  }

  repliesIn(channel: string): readonly Answer[] {
    return this.workspace
      .replies(this.conversation(channel))
      .filter(({ deleted }) => !deleted)
      .map((line) => new SlackAnswer(this, [line], 'Ada'));
  }

  /** The message itself that the bot wrote last in a place, with what only Slack knows of it. */
  lastReply(place: string): Message {
    const line = this.workspace.replies(this.conversation(place)).at(-1);
    if (!line) throw new Error(`The bot said nothing in ${place}.`);
    return line.message;
  }

  failNextEdit(): void {
    this.slack.rates.refuseNext('chat.update', 1);
  }

  passMinute(): void {
    this.slack.rates.passMinute();
  }

  memory(): Promise<number> {
    return this.bot.memory();
  }

  async breakConnection(): Promise<void> {
    const { sockets } = this.slack;
    const before = sockets.greeted;
    sockets.renewConnections();
    await this.workspace.until('the bot to be back', () => sockets.greeted > before);
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.bot.address()}/metrics`)).text();
  }

  reconfigure(config: Config): Promise<void> {
    return this.bot.reconfigure(config);
  }

  restart(): Promise<void> {
    return this.bot.restartBot();
  }

  breaches(): string[] {
    return this.slack.rates.breaches.map((method) => `beyond the rate limit: ${method}`);
  }

  close(): Promise<void> {
    return this.bot.close();
  }

  private sharing(text: string, { pictures = [], forwards, preview }: Saying): Sharing {
    const shared = forwards instanceof SlackPosted ? this.slack.filesOf(forwards.message) : undefined;
    return {
      text,
      files: pictures.map(toFile),
      attachments: [
        ...(shared ? [{ is_share: true, files: shared }] : []),
        ...(preview === undefined ? [] : [{ image_url: preview, from_url: preview }]),
      ],
    };
  }

  questionOf(message: Message, by: string): SlackQuestion {
    return questionOf(this, message, by);
  }

  /** The conversation of this name with everybody in it, made at its first use. */
  conversation(name: string, person = 'Ada'): Conversation {
    if (name === direct) return this.person(person).directMessages;
    const known = this.channels.get(name);
    const conversation = known ?? this.workspace.channel(name, [...this.people.values()]);
    for (const { id } of this.people.values()) conversation.members.add(id);
    this.channels.set(name, conversation);
    return conversation;
  }
}
