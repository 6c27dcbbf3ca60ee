import { ChannelType, type Message, MessageReferenceType, type TextBasedChannel } from 'discord.js';

import { type ChatMessage, type ImageReference, walkReplyChain } from '../chat/index.js';
import type { Settings } from '../config/settings.js';
import { isUnreadable, toChatMessages } from './chat-messages.js';
import type { InterruptedAnswers } from './interrupted-answers.js';
import type { MessageImages } from './message-images.js';

export interface Conversation {
  /** The thread, the direct messages, or the message that the reply chain begins with. */
  readonly id: string;
  readonly messages: readonly ChatMessage[];
}

/** How far back the latest image of a channel is looked for. */
const messagesToSearch = 25;

/** Rebuilds conversations from the chat itself: the reply chain, or what was said before in a thread. */
export class ConversationReader {
  constructor(
    private readonly settings: Settings,
    private readonly images: MessageImages,
    private readonly interrupted: InterruptedAnswers,
  ) {}

  async read(question: Message): Promise<Conversation> {
    const limit = this.settings.config.conversation.maxMessages;
    const earlier = new EarlierMessages(question, limit);
    const chain = await walkReplyChain(question, (message) => earlier.parentOf(message), limit);
    for (const message of chain.messages) await this.interrupted.markIfInterrupted(message);

    const parent = chain.messages.at(-2);
    const messages = chain.messages.flatMap((message) =>
      toChatMessages(message, this.images, message === parent ? 'replied-to' : 'attachment'),
    );
    const warnings: ChatMessage['warnings'] = [
      ...(chain.truncated && !question.channel.isDMBased()
        ? [{ kind: 'earlier-messages-unread' as const, limit }]
        : []),
      ...(parent && isReply(question) && parent.author.id !== question.client.user.id && isUnreadable(parent)
        ? [{ kind: 'replied-to-unreadable' as const }]
        : []),
    ];
    return {
      id: isThreadLike(question) ? question.channelId : (chain.messages[0]?.id ?? question.id),
      messages: messages.map((message) =>
        message.id === question.id ? { ...message, warnings: [...message.warnings, ...warnings] } : message,
      ),
    };
  }

  /** The latest image that was posted before the question, as far as the bot is shown what others post. */
  async latestImage(question: Message): Promise<ImageReference | undefined> {
    const before = await question.channel.messages.fetch({ before: question.id, limit: messagesToSearch });
    for (const message of before.values()) {
      const [image] = this.images.of(message, 'channel');
      if (image) return image;
    }
    return undefined;
  }
}

/** Finds what a message follows on. */
class EarlierMessages {
  private history: Promise<readonly Message[]> | undefined;

  constructor(
    private readonly question: Message,
    private readonly limit: number,
  ) {}

  async parentOf(message: Message): Promise<Message | undefined> {
    if (isReply(message)) return readable(message.channel, message.reference!.messageId!);
    return isThreadLike(message) ? this.before(message) : undefined;
  }

  /** In threads and direct messages the message before; a picture of its own begins something new in the latter. */
  private async before(message: Message): Promise<Message | undefined> {
    const { channel } = message;
    if (channel.isDMBased() && beginsAnew(message)) return undefined;
    this.history ??= this.question.channel.messages
      .fetch({ before: this.question.id, limit: Math.min(100, this.limit) })
      .then((messages) => [...messages.values()])
      .catch(() => []);
    const previous = (await this.history).find(({ id }) => BigInt(id) < BigInt(message.id));
    if (previous) return previous;
    return channel.isThread() && message.id !== channel.id ? starterOf(channel) : undefined;
  }
}

function beginsAnew(message: Message): boolean {
  const mentionsBot = new RegExp(`<@!?${message.client.user.id}>`).test(message.content);
  const isFromUser = message.author.id !== message.client.user.id;
  return isFromUser && (mentionsBot || message.attachments.size > 0 || message.messageSnapshots.size > 0);
}

function isReply(message: Message): boolean {
  return (
    message.reference?.messageId !== undefined &&
    message.reference.type === MessageReferenceType.Default &&
    message.reference.channelId === message.channelId
  );
}

function isThreadLike({ channel }: Message): boolean {
  return channel.isThread() || channel.type === ChannelType.DM;
}

/** A message that was deleted or may not be read ends the chain: the conversation goes on without it. */
async function readable(channel: TextBasedChannel, id: string): Promise<Message | undefined> {
  return channel.messages.fetch(id).catch(() => undefined);
}

async function starterOf(
  channel: Extract<TextBasedChannel, { isThread(): boolean }>,
): Promise<Message | undefined> {
  if (!channel.isThread()) return undefined;
  return (await channel.fetchStarterMessage().catch(() => null)) ?? undefined;
}
