import {
  type Conversation,
  type Human,
  type Message,
  mentionsIn,
  type SlackServer,
  type TranscriptLine,
} from '../../../test-servers/slack/index.js';
import {
  type Answer,
  type Button,
  isFinished,
  type Posted,
  type Question,
  type Saying,
} from '../chat-platform.js';
import type { Picture } from '../pictures.js';
import { saidByBot, saidByModel } from './slack-blocks.js';

/** The workspace, and the people that a story calls by their names. */
export interface Scene {
  readonly slack: SlackServer;
  person(name: string): Human;
}

/** Where the reply to a question is found: what the bot says in a conversation after a moment, in a thread or anywhere. */
interface Place {
  readonly conversation: Conversation;
  readonly after: string;
  readonly thread: string | undefined;
  /** The message that asks, when one does. */
  readonly message?: Message;
}

export class SlackQuestion implements Question {
  /** @param version only what the reply shows after so many versions counts */
  constructor(
    private readonly scene: Scene,
    private readonly place: Place,
    private readonly by: string,
    private readonly version = 0,
  ) {}

  until(what: string, fits: (answer: Answer) => boolean): Promise<Answer> {
    return this.scene.slack.workspace.until(what, () => {
      const lines = this.lines();
      if (lines.length === 0 || (lines[0]?.versions.length ?? 0) <= this.version) return undefined;
      const answer = new SlackAnswer(this.scene, lines, this.by, this.place);
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
    return new SlackPosted(this.scene, this.place.message, this.by);
  }

  withdraw(): Promise<void> {
    return this.message().delete();
  }

  /** The reply, first message to last: only the last one has buttons. */
  private lines(): TranscriptLine[] {
    const { conversation, after, thread } = this.place;
    const lines = this.scene.slack.workspace
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

export class SlackAnswer implements Answer {
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
    private readonly scene: Scene,
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
    await this.scene.person(by).press(this.last.message, button);
  }

  async tryAgain(by = this.by): Promise<Question> {
    const { message } = this.last;
    const conversation = this.scene.slack.store.conversations.get(message.channel)!;
    const place = this.place ?? { conversation, after: '0', thread: message.threadTs };
    const question = new SlackQuestion(this.scene, place, this.by, this.versions.length);
    await this.press('Try again', by);
    return question;
  }

  async followUp(text: string, { by = this.by, pictures = [] }: Saying = {}): Promise<Question> {
    const { message } = this.last;
    const conversation = this.scene.slack.store.conversations.get(message.channel)!;
    const sharing = { text, files: pictures.map(toFile), thread: message };
    const person = this.scene.person(by);
    const asked =
      conversation.kind === 'im'
        ? await person.post(conversation, sharing)
        : await person.mention(conversation, sharing);
    return questionOf(this.scene, asked, by);
  }
}

export class SlackPosted implements Posted {
  constructor(
    private readonly scene: Scene,
    readonly message: Message,
    private readonly author: string,
  ) {}

  /** Slack's way to answer to a message is its thread. */
  async askAbout(text: string, by = 'Ada'): Promise<Question> {
    const conversation = this.scene.slack.store.conversations.get(this.message.channel)!;
    const asked = await this.scene.person(by).mention(conversation, { text, thread: this.message });
    return questionOf(this.scene, asked, by);
  }

  async choose(entry: string, by = 'Ada'): Promise<Question> {
    const conversation = this.scene.slack.store.conversations.get(this.message.channel)!;
    const question = questionFromNow(this.scene, conversation, by);
    await this.scene.person(by).shortcut(this.message, entry);
    return question;
  }

  async delete(): Promise<void> {
    await this.scene.person(this.author).deleteMessage(this.message);
  }
}

/** The question that a message asks. */
export function questionOf(scene: Scene, message: Message, by: string): SlackQuestion {
  const conversation = scene.slack.store.conversations.get(message.channel)!;
  const thread = message.threadTs ?? message.ts;
  return new SlackQuestion(scene, { conversation, after: message.ts, thread, message }, by);
}

/** The question that whatever is done next in a conversation asks. */
export function questionFromNow(scene: Scene, conversation: Conversation, by: string): SlackQuestion {
  const after = scene.slack.store.messages.at(-1)?.ts ?? '0';
  return new SlackQuestion(scene, { conversation, after, thread: undefined }, by);
}

/** A picture on its way into Slack. */
export function toFile({ name, bytes }: Picture) {
  return { name, content: bytes };
}
