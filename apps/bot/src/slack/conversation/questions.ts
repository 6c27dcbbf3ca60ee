import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { BotConfig } from '../../config/bot-config.js';
import { BOT_CONFIG } from '../../config/settings.js';
import type { ChatMessage, ImageReference, Question, Wish } from '../../contract/index.js';
import { wordsFor } from '../../words/index.js';
import { messageQuestionId, type Prompt, recordOf } from '../reply/reply-record.js';
import { ConversationReader } from './conversation-reader.js';
import { SlackIdentity } from './identity.js';
import { InterruptedAnswers } from './interrupted-answers.js';
import { LinkPreviews } from './link-previews.js';
import { MessageImages } from './message-images.js';
import type { KnownPerson } from './people.js';
import { mayShowPicture } from './pictures.js';
import { isDirect, type SlackMessage } from './slack-message.js';

/** Slack docs, Block Kit, image block: the length of `alt_text`. */
const altTextLength = 2_000;
/** conversations.history gives newer apps outside the Marketplace no more at a time. */
const recentMessages = 15;

export interface Asked {
  readonly channel: string;
  /** The first message of the thread; none when the question begins one. */
  readonly root: string | undefined;
  readonly person: KnownPerson;
  readonly again?: boolean;
}

/** Turns what was asked on Slack into the core's questions. */
@Injectable()
export class Questions {
  constructor(
    private readonly identity: SlackIdentity,
    private readonly reader: ConversationReader,
    private readonly images: MessageImages,
    private readonly interrupted: InterruptedAnswers,
    private readonly previews: LinkPreviews,
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'language' | 'conversation'>,
  ) {}

  /** A question that is a message. */
  buildFromMessage(asked: Asked, message: SlackMessage): Question {
    const { channel, root } = asked;
    const beginsThread = root === undefined || root === message.ts;
    return {
      ...this.buildCommon(asked),
      id: messageQuestionId(channel, message.ts),
      conversation: `${channel}:${root ?? message.ts}`,
      wish: { kind: 'chat' },
      readMessages: async (signal) => {
        const [before, question] = await Promise.all([
          this.readBefore(asked, message),
          this.previews.awaitFor(channel, message, signal),
        ]);
        return this.convert([...before, question], channel);
      },
      // What is said in a thread is about its pictures, or about none.
      ...(beginsThread || isDirect(channel)
        ? { latestImage: () => this.findLatestImage(channel, message.ts) }
        : {}),
    };
  }

  /**
   * A question of a command, a shortcut or a modal: no message asks it, so its reply keeps it.
   * @param reply the reply, when it is to be written anew
   */
  buildFromPrompt(asked: Asked, prompt: Prompt, id: string = randomUUID(), reply?: SlackMessage): Question {
    const { asker } = asked.person;
    const viewer = { user: asker.id, channel: asked.channel };
    const message: ChatMessage = {
      id,
      author: { kind: 'user', id: asker.id },
      text: prompt.text,
      images: prompt.images.map((image) => this.images.referToPrompt(image, viewer)),
      warnings: [],
    };
    return {
      ...this.buildCommon(asked),
      id,
      // Alt text is for its asker alone and no part of what a thread talks about: it waits for nothing there.
      conversation: `${asked.channel}:${(prompt.wish === 'chat' && asked.root) || id}`,
      wish: wishOf(prompt),
      readMessages: async () => [
        ...(reply ? await this.convert(await this.readBefore(asked, reply), asked.channel) : []),
        message,
      ],
    };
  }

  /** The newest message with an image in a channel, before the one that asks. */
  async findLatestWithImage(channel: string, before?: string): Promise<SlackMessage | undefined> {
    const newest = await this.reader.readNewest(channel, recentMessages);
    return newest.find((message) => message.ts !== before && mayShowPicture(message));
  }

  /** What was said in the thread before a message. Answers that broke off are marked on the way. */
  private async readBefore({ channel, root, person }: Asked, message: SlackMessage): Promise<SlackMessage[]> {
    if (root === undefined || root === message.ts) return [];
    const thread = await this.reader.readThread(channel, root);
    await this.interrupted.mark(channel, thread, wordsFor(person.locale, this.config));
    return orderByAnswers(thread, message, channel);
  }

  private async findLatestImage(channel: string, before: string): Promise<ImageReference | undefined> {
    const message = await this.findLatestWithImage(channel, before);
    const image = message && (await this.images.find(message))[0];
    return image && { ...image, origin: 'channel' };
  }

  private buildCommon({ channel, person, again }: Asked) {
    return {
      platform: 'slack' as const,
      asker: person.asker,
      locale: person.locale,
      place: { server: this.identity.teamId, channel, direct: isDirect(channel) },
      ...(again ? { again } : {}),
    };
  }

  /** The first message, which mostly holds the image, and as many of the newest as are read. */
  private async convert(thread: readonly SlackMessage[], channel: string): Promise<ChatMessage[]> {
    const limit = this.config.conversation.maxMessages;
    if (thread.length <= limit) return this.reader.toChat(thread, channel);
    const messages = await this.reader.toChat(
      [...thread.slice(0, 1), ...thread.slice(-Math.max(1, limit - 1))],
      channel,
    );
    const question = messages.at(-1);
    if (question === undefined) return messages;
    const unread = { kind: 'earlier-messages-unread', limit } as const;
    return [...messages.slice(0, -1), { ...question, warnings: [...question.warnings, unread] }];
  }
}

/** What was said before a message: each question followed by its answer, wherever in the thread that stands. */
function orderByAnswers(
  thread: readonly SlackMessage[],
  message: SlackMessage,
  channel: string,
): SlackMessage[] {
  const before = thread.filter(({ ts }) => Number(ts) < Number(message.ts));
  const answersTo = ({ ts }: SlackMessage) =>
    thread.filter((other) => recordOf(other)?.question === messageQuestionId(channel, ts));
  const answers = new Set(before.flatMap(answersTo));
  return before.filter((other) => !answers.has(other)).flatMap((other) => [other, ...answersTo(other)]);
}

function wishOf(prompt: Prompt): Wish {
  return prompt.wish === 'chat' ? { kind: 'chat' } : { kind: 'alt-text', maxLength: altTextLength };
}
