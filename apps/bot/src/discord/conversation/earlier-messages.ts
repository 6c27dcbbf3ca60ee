import { ChannelType, type Message, MessageReferenceType, type TextBasedChannel } from 'discord.js';

import { stopControlOf } from './chat-messages.js';

/** The most messages that one request reads (Discord docs, Get Channel Messages). */
const maxPageSize = 100;

/** Finds what a message follows on. */
export class EarlierMessages {
  private history: Promise<readonly Message[]> | undefined;

  constructor(
    private readonly question: Message,
    private readonly limit: number,
  ) {}

  /** Finds the message replied to; in threads and direct messages the one before, unless a person replies. */
  async findParent(message: Message): Promise<Message | undefined> {
    if (isReply(message) && !(isThreadLike(message) && isOwn(message))) return fetchRepliedTo(message);
    if (!isThreadLike(message)) return undefined;
    // In direct messages a picture of its own begins something new.
    if (message.channel.isDMBased() && beginsAnew(message)) return undefined;
    this.history ??= this.readHistory();
    const previous = findPrevious(await this.history, message);
    if (previous) return previous;
    return isReply(message) ? fetchRepliedTo(message) : fetchStarter(message);
  }

  private async readHistory(): Promise<readonly Message[]> {
    const { channel, id } = this.question;
    const limit = Math.min(maxPageSize, this.limit);
    const before = await channel.messages
      .fetch({ before: id, limit })
      .then((messages) => [...messages.values()].toReversed())
      .catch(() => []);
    const answersSince = channel.messages.cache.filter(
      (message) => isOwn(message) && BigInt(message.id) > BigInt(id),
    );
    return [...orderByAnswers(before, await Promise.all(answersSince.map(refresh))), this.question];
  }
}

/**
 * The messages, each followed by its answers wherever those stand in the channel: somebody who asks twice gets the
 * first answer below the second question.
 */
function orderByAnswers(messages: readonly Message[], answersSince: readonly Message[]): Message[] {
  const all = [...messages, ...answersSince];
  const answersTo = (id: string) =>
    all.filter((message) => isOwn(message) && message.reference?.messageId === id);
  const followed = (message: Message): Message[] => [message, ...answersTo(message.id).flatMap(followed)];
  const answers = new Set(messages.flatMap(({ id }) => answersTo(id)));
  return messages.filter((message) => !answers.has(message)).flatMap(followed);
}

function findPrevious(history: readonly Message[], message: Message): Message | undefined {
  const index = history.findIndex(({ id }) => id === message.id);
  return index === -1
    ? history.findLast(({ id }) => BigInt(id) < BigInt(message.id))
    : history.slice(0, index).at(-1);
}

function beginsAnew(message: Message): boolean {
  const mentionsBot = new RegExp(`<@!?${message.client.user.id}>`).test(message.content);
  return (
    !isOwn(message) && (mentionsBot || message.attachments.size > 0 || message.messageSnapshots.size > 0)
  );
}

export function isReply(message: Message): boolean {
  return (
    message.reference?.messageId !== undefined &&
    message.reference.type === MessageReferenceType.Default &&
    message.reference.channelId === message.channelId
  );
}

export function isThreadLike({ channel }: Message): boolean {
  return channel.isThread() || channel.type === ChannelType.DM;
}

function isOwn(message: Message): boolean {
  return message.author?.id === message.client.user.id;
}

/** A message that was deleted or may not be read ends the chain: the conversation goes on without it. */
async function fetchRepliedTo({ channel, reference }: Message): Promise<Message | undefined> {
  return channel.messages
    .fetch(reference?.messageId ?? '')
    .then(refresh)
    .catch(() => undefined);
}

/** An answer that discord.js remembers half written may be whole by now: the gateway tells of edits a little later. */
async function refresh(message: Message): Promise<Message> {
  // discord.js files what somebody forwards as the original, without its author.
  if (message.partial) return message.fetch(true);
  if (!isOwn(message) || !stopControlOf(message)) return message;
  return message.fetch(true).catch(() => message);
}

async function fetchStarter({ channel, id }: { channel: TextBasedChannel; id: string }) {
  if (!channel.isThread() || id === channel.id) return undefined;
  return (await channel.fetchStarterMessage().catch(() => null)) ?? undefined;
}
