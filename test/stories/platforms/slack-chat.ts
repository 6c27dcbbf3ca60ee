import { type SlackBotInWorkspace, type SlackMode, startSlackBot } from '../../slack/slack-bot.js';
import {
  type Conversation,
  type Human,
  type Message,
  mentionsIn,
  type Sharing,
  type SlackServer,
  type TranscriptLine,
  type Workspace,
} from '../../slack-server/index.js';
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
import { saidByBot, saidByModel } from './slack-blocks.js';

export interface SlackChatOptions {
  readonly modelServer: string;
  readonly config?: Config | undefined;
  readonly asProcess?: boolean | undefined;
  readonly mode?: SlackMode;
}

/** Where the reply to a question is found: what the bot says in a conversation after a moment, in a thread or anywhere. */
interface Place {
  readonly conversation: Conversation;
  readonly after: string;
  readonly thread: string | undefined;
  /** The message that asks, when one does. */
  readonly message?: Message;
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
  questionFromNow(conversation: Conversation, by: string, thread?: string): SlackQuestion {
    const after = this.slack.store.messages.at(-1)?.ts ?? '0';
    return new SlackQuestion(this, { conversation, after, thread }, by);
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
    const conversation = this.slack.store.conversations.get(message.channel)!;
    const thread = message.threadTs ?? message.ts;
    return new SlackQuestion(this, { conversation, after: message.ts, thread, message }, by);
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

class SlackQuestion implements Question {
  /** @param version only what the reply shows after so many versions counts */
  constructor(
    private readonly chat: SlackChat,
    private readonly place: Place,
    private readonly by: string,
    private readonly version = 0,
  ) {}

  until(what: string, fits: (answer: Answer) => boolean): Promise<Answer> {
    return this.chat.workspace.until(what, () => {
      const lines = this.lines();
      if (lines.length === 0 || (lines[0]?.versions.length ?? 0) <= this.version) return undefined;
      const answer = new SlackAnswer(this.chat, lines, this.by, this.place);
      return fits(answer) && answer;
    });
  }

  answer(): Promise<Answer> {
    // A stream has its buttons when it is finished; an edited message loses its Stop button then.
    return this.until(
      'the question is answered',
      (answer) => isFinished(answer) && (answer.buttons.length > 0 || answer.onlyFor !== undefined),
    );
  }

  message(): Posted {
    if (!this.place.message) throw new Error('No message asked this, but a command.');
    return new SlackPosted(this.chat, this.place.message, this.by);
  }

  withdraw(): Promise<void> {
    return this.message().delete();
  }

  /** The reply, first message to last: only the last one has buttons. */
  private lines(): TranscriptLine[] {
    const { conversation, after, thread } = this.place;
    const lines = this.chat.workspace
      .replies(conversation)
      .filter(
        ({ message, deleted, onlyFor }) =>
          Number(message.ts) > Number(after) &&
          !deleted &&
          (thread === undefined || message.threadTs === thread) &&
          (onlyFor === undefined || onlyFor === this.by),
      );
    const last = lines.findIndex(({ buttons }) => buttons.length > 0);
    return last === -1 ? lines : lines.slice(0, last + 1);
  }
}

class SlackAnswer implements Answer {
  readonly text;
  readonly parts;
  readonly remarks;
  readonly shown;
  readonly versions;
  readonly buttons;
  readonly onlyFor;
  readonly pinged;
  private readonly last: TranscriptLine;

  constructor(
    private readonly chat: SlackChat,
    lines: readonly TranscriptLine[],
    private readonly by: string,
    private readonly place?: Place,
  ) {
    const [last] = lines.slice(-1);
    if (!last) throw new Error('An answer has at least one message.');
    this.last = last;
    this.parts = lines.map(({ message }) => saidByModel(message));
    this.text = this.parts.join('\n');
    this.remarks = saidByBot(last.message);
    this.shown = lines.map(({ text }) => text).join('\n');
    this.versions = last.versions;
    this.buttons = last.buttons;
    this.onlyFor = last.onlyFor;
    this.pinged = lines.flatMap(({ message }) => mentionsIn(message));
  }

  async press(button: Button, by = this.by): Promise<void> {
    await this.chat.person(by).press(this.last.message, button);
  }

  async tryAgain(by = this.by): Promise<Question> {
    const { message } = this.last;
    const conversation = this.chat.slack.store.conversations.get(message.channel)!;
    const place = this.place ?? { conversation, after: '0', thread: message.threadTs };
    const question = new SlackQuestion(this.chat, place, this.by, this.versions.length);
    await this.press('Try again', by);
    return question;
  }

  async followUp(text: string, { by = this.by, pictures = [] }: Saying = {}): Promise<Question> {
    const { message } = this.last;
    const conversation = this.chat.slack.store.conversations.get(message.channel)!;
    const sharing = { text, files: pictures.map(toFile), thread: message };
    const person = this.chat.person(by);
    const asked =
      conversation.kind === 'im'
        ? await person.post(conversation, sharing)
        : await person.mention(conversation, sharing);
    return this.chat.questionOf(asked, by);
  }
}

class SlackPosted implements Posted {
  constructor(
    private readonly chat: SlackChat,
    readonly message: Message,
    private readonly author: string,
  ) {}

  /** Slack's way to answer to a message is its thread. */
  async askAbout(text: string, by = 'Ada'): Promise<Question> {
    const conversation = this.chat.slack.store.conversations.get(this.message.channel)!;
    const asked = await this.chat.person(by).mention(conversation, { text, thread: this.message });
    return this.chat.questionOf(asked, by);
  }

  async choose(entry: string, by = 'Ada'): Promise<Question> {
    const conversation = this.chat.slack.store.conversations.get(this.message.channel)!;
    const question = this.chat.questionFromNow(conversation, by);
    await this.chat.person(by).shortcut(this.message, entry);
    return question;
  }

  async delete(): Promise<void> {
    await this.chat.person(this.author).deleteMessage(this.message);
  }
}

/** A picture on its way into Slack. */
export function toFile({ name, bytes }: Picture) {
  return { name, content: bytes };
}
