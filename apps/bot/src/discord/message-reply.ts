import type { Message, SendableChannels } from 'discord.js';

import type { EditSink, ReplyView } from '../chat/index.js';
import type { Words } from '../words/index.js';
import { asReplyGone } from './api-errors.js';
import type { EditPace } from './edit-pace.js';
import { formatButtons, formatContent, maxAnswerLength } from './reply-format.js';

/** Answers a message with replies: the first to the question, each further one to the part before. */
export class MessageReply implements EditSink {
  readonly kind = 'edit';
  readonly maxLength = maxAnswerLength;

  /** @param parts the messages of an earlier answer, when it is to be replaced */
  constructor(
    private readonly question: Message,
    private readonly channel: SendableChannels,
    private readonly words: Words,
    private readonly pace: EditPace,
    private readonly parts: Message[] = [],
  ) {}

  interval(): number {
    return this.pace.interval(this.question.channelId);
  }

  async show(index: number, view: ReplyView): Promise<void> {
    const control = { questionId: this.question.id, askerId: this.question.author.id };
    const content = formatContent(view, '');
    const components = formatButtons(view, control, this.words);
    const part = this.parts[index];
    try {
      if (part) await part.edit({ content, components });
      else this.parts[index] = await this.post(index, { content, components });
      if (isLast(view)) await this.deleteAfter(index);
    } catch (error) {
      throw asReplyGone(error);
    }
  }

  private post(
    index: number,
    message: { readonly content: string; readonly components: ReturnType<typeof formatButtons> },
  ): Promise<Message> {
    return this.channel.send({
      ...message,
      reply: { messageReference: this.parts[index - 1] ?? this.question, failIfNotExists: false },
      // A send that is repeated after a network failure does not appear twice (Discord docs, Create Message).
      nonce: `${this.question.id}.${index}`,
      enforceNonce: true,
    });
  }

  /** A new answer may be shorter than the one it replaces. */
  private async deleteAfter(index: number): Promise<void> {
    for (const part of this.parts.splice(index + 1)) await part.delete();
  }
}

/** Only the last message of a finished reply has actions or a status. */
function isLast({ state, actions, status }: ReplyView): boolean {
  return state !== 'thinking' && state !== 'streaming' && (actions.length > 0 || status !== undefined);
}
