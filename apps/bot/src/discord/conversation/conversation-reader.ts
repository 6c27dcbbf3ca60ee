import { Inject, Injectable } from '@nestjs/common';
import type { Message } from 'discord.js';
import { LRUCache } from 'lru-cache';
import type { BotConfig } from '../../config/bot-config.js';
import { BOT_CONFIG } from '../../config/settings.js';
import { type ChatMessage, type ImageReference } from '../../contract/index.js';
import { isUnreadable, toChatMessages } from './chat-messages.js';
import { EarlierMessages, isReply, isThreadLike } from './earlier-messages.js';
import { InterruptedAnswers } from './interrupted-answers.js';
import { LinkPreviews } from './link-previews.js';
import { MessageImages } from './message-images.js';

/** A chain of messages, oldest first. */
interface ReplyChain<Message> {
  readonly messages: readonly Message[];
  /** True when older messages exist that were not read. */
  readonly truncated: boolean;
}

/**
 * Walks from a message to the one it replies to, and on, until there is none or `limit` messages were read.
 * A parent that cannot be read ends the chain: deleted messages must not keep a conversation from going on.
 */
export async function walkReplyChain<Message extends { readonly id: string }>(
  newest: Message,
  parentOf: (message: Message) => Promise<Message | undefined>,
  limit: number,
): Promise<ReplyChain<Message>> {
  const messages = [newest];
  const seen = new Set([newest.id]);
  let parent = await parentOf(newest);
  while (parent && !seen.has(parent.id) && messages.length < limit) {
    seen.add(parent.id);
    messages.unshift(parent);
    parent = await parentOf(parent);
  }
  return { messages, truncated: parent !== undefined && !seen.has(parent.id) };
}

/** How far back the latest image of a channel is looked for. */
const messagesToSearch = 25;
const rememberedDeletions = 1_000;

/** Rebuilds conversations from the chat itself: the reply chain, or what was said before in a thread. */
@Injectable()
export class ConversationReader {
  private readonly previews = new LinkPreviews();
  /** discord.js learns deleted messages again from answers to them that it sees edited. */
  private readonly deleted = new LRUCache<string, true>({ max: rememberedDeletions });

  constructor(
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'conversation'>,
    private readonly images: MessageImages,
    private readonly interrupted: InterruptedAnswers,
  ) {}

  noteEdit(messageId: string): void {
    this.previews.noteChange(messageId);
  }

  noteDeletion(messageId: string): void {
    this.deleted.set(messageId, true);
  }

  /** Names what a question belongs to: the thread, the direct messages, or the message that begins the reply chain. */
  async identify(question: Message): Promise<string> {
    if (isThreadLike(question)) return question.channelId;
    const [first] = (await this.walkChain(question)).messages;
    return (first ?? question).id;
  }

  /** The conversation up to and with the question, oldest first. */
  async read(question: Message, signal: AbortSignal): Promise<readonly ChatMessage[]> {
    const chain = await this.walkChain(question);
    const whole = await Promise.all(chain.messages.map((message) => this.awaitPreviews(message, signal)));
    for (const message of chain.messages) await this.interrupted.markIfInterrupted(message);

    const parent = chain.messages.at(-2);
    const messages = whole.flatMap((message) =>
      toChatMessages(message, this.images, message.id === parent?.id ? 'replied-to' : 'attachment'),
    );
    const warnings = this.warningsOf(question, chain);
    return messages.map((message) =>
      message.id === question.id ? { ...message, warnings: [...message.warnings, ...warnings] } : message,
    );
  }

  /** The latest image that was posted before the question, as far as the bot is shown what others post. */
  async latestImage(question: Message): Promise<ImageReference | undefined> {
    const before = await question.channel.messages.fetch({ before: question.id, limit: messagesToSearch });
    for (const message of before.values()) {
      const [image] = this.images.find(message, 'channel');
      if (image) return image;
    }
    return undefined;
  }

  /** Waits for previews only if the message shows no picture yet. */
  private async awaitPreviews(message: Message, signal: AbortSignal): Promise<Message> {
    const isOwn = message.author.id === message.client.user.id;
    return isOwn || this.images.find(message).length > 0 ? message : this.previews.awaitFor(message, signal);
  }

  private walkChain(question: Message): Promise<ReplyChain<Message>> {
    const limit = this.config.conversation.maxMessages;
    const earlier = new EarlierMessages(question, limit);
    const findParent = async (message: Message) => {
      const parent = await earlier.findParent(message);
      return parent && this.deleted.has(parent.id) ? undefined : parent;
    };
    return walkReplyChain(question, findParent, limit);
  }

  private warningsOf(
    question: Message,
    { messages, truncated }: ReplyChain<Message>,
  ): ChatMessage['warnings'] {
    const limit = this.config.conversation.maxMessages;
    const parent = messages.at(-2);
    const repliesToOthers = parent && isReply(question) && parent.author.id !== question.client.user.id;
    return [
      ...(truncated && !question.channel.isDMBased()
        ? [{ kind: 'earlier-messages-unread' as const, limit }]
        : []),
      ...(repliesToOthers && isUnreadable(parent) ? [{ kind: 'replied-to-unreadable' as const }] : []),
    ];
  }
}
