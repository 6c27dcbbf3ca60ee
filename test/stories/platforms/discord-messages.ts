import type {
  DiscordServer,
  Interaction,
  Message,
  ShownMessage,
  Upload,
} from '../../../test-servers/discord/index.js';
import { answerText, remarks } from '../../discord/discord-bot.js';
import {
  type Answer,
  type Button,
  isFinished,
  type Posted,
  type Question,
  type Saying,
} from '../chat-platform.js';
import type { Picture } from '../pictures.js';

/** What Discord shows in the place of an answer: a reply to a message, or what an interaction left. */
export type Place = { readonly message: Message } | { readonly interaction: Interaction };

export class DiscordQuestion implements Question {
  /** @param after only what the reply shows after so many versions counts */
  constructor(
    private readonly discord: DiscordServer,
    private readonly place: Place,
    private readonly by: string,
    private readonly after = 0,
  ) {}

  until(what: string, fits: (answer: Answer) => boolean): Promise<Answer> {
    return this.discord.until(what, () => {
      const parts = this.parts();
      if (parts.length === 0 || (parts[0]?.history.length ?? 0) <= this.after) return undefined;
      const answer = new DiscordAnswer(this.discord, parts, this.by, this.place);
      return fits(answer) ? answer : undefined;
    });
  }

  answer(): Promise<Answer> {
    return this.until('the question is answered', isFinished);
  }

  /** The message that asks. */
  get asked(): Message {
    if (!('message' in this.place)) throw new Error('No message asked this, but a command.');
    return this.place.message;
  }

  message(): Posted {
    return new DiscordPosted(this.discord, this.asked, this.by);
  }

  withdraw(): Promise<void> {
    return this.message().delete();
  }

  /** The reply, first message to last. */
  private parts(): ShownMessage[] {
    const first = this.first();
    if (!first) return [];
    const { channelId } = this.discord.state.messages.get(first.id)!;
    const said = this.discord.transcript(this.discord.state.channels.get(channelId)!);
    const parts = [first];
    for (;;) {
      const next = said.find(({ author, repliesTo }) => author === 'Lumen' && repliesTo === parts.at(-1)?.id);
      if (!next) return parts;
      parts.push(next);
    }
  }

  private first(): ShownMessage | undefined {
    const { discord } = this;
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

export class DiscordAnswer implements Answer {
  readonly text;
  readonly parts;
  readonly remarks;
  readonly shown;
  readonly versions;
  readonly buttons;
  readonly onlyFor;
  readonly pinged;
  readonly last: ShownMessage;

  constructor(
    private readonly discord: DiscordServer,
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
    this.discord.user(by).press(this.last, button);
  }

  async tryAgain(by = this.by): Promise<Question> {
    const place = this.place ?? { message: this.discord.state.messages.get(this.last.repliesTo ?? '')! };
    await this.press('Try again', by);
    return new DiscordQuestion(this.discord, place, this.by, this.versions.length);
  }

  async followUp(text: string, { by = this.by, pictures = [] }: Saying = {}): Promise<Question> {
    const { state } = this.discord;
    const { channelId, interactionId } = state.messages.get(this.last.id)!;
    const message = await this.discord.user(by).send(state.channels.get(channelId)!, {
      text,
      replyTo: this.last,
      attachments: pictures.map(toUpload),
      // Replies to the answers of commands arrive empty unless they mention the bot.
      ...(interactionId !== undefined && { mention: 'bot' }),
    });
    return new DiscordQuestion(this.discord, { message }, by);
  }
}

export class DiscordPosted implements Posted {
  constructor(
    private readonly discord: DiscordServer,
    readonly message: Message,
    private readonly author: string,
  ) {}

  async askAbout(text: string, by = 'Ada'): Promise<Question> {
    const channel = this.discord.state.channels.get(this.message.channelId)!;
    const message = await this.discord
      .user(by)
      .send(channel, { text, mention: 'bot', replyTo: this.message });
    return new DiscordQuestion(this.discord, { message }, by);
  }

  async choose(entry: string, by = 'Ada'): Promise<Question> {
    const interaction = this.discord.user(by).messageCommand(this.message, entry);
    return new DiscordQuestion(this.discord, { interaction }, by);
  }

  async delete(): Promise<void> {
    this.discord.user(this.author).delete(this.message);
  }
}

/** A picture on its way into Discord. */
export function toUpload({ name, bytes }: Picture): Upload {
  return { filename: name, bytes };
}
