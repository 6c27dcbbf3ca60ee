import type { Message } from 'discord.js';

/** A proxy bot deletes what it posts again, or the other way round, within this time. */
const togetherMs = 15_000;
const remembered = 200;

/**
 * Finds what proxy bots such as PluralKit do: somebody's message is deleted and posted again by a webhook, in another
 * name and without the signs that asked for it (PluralKit's guide, Proxying). The event that comes first is
 * kept until the other comes.
 */
export class ProxiedQuestions {
  private readonly copies: Message[] = [];
  private readonly deleted: Message[] = [];

  /** The deleted question that a webhook's message repeats. */
  originalOf(copy: Message): Message | undefined {
    const original = take(this.deleted, (one) => isCopy(copy, one));
    if (!original) remember(this.copies, copy);
    return original;
  }

  /** The webhook's message that repeats a deleted question. */
  copyOf(question: Message): Message | undefined {
    const copy = take(this.copies, (one) => isCopy(one, question));
    if (!copy) remember(this.deleted, question);
    return copy;
  }
}

function remember(list: Message[], message: Message): void {
  list.push(message);
  if (list.length > remembered) list.shift();
}

/** The latest that fits, which then is taken and fits nobody else. */
function take(list: Message[], fits: (message: Message) => boolean): Message | undefined {
  const index = list.findLastIndex(fits);
  return index === -1 ? undefined : list.splice(index, 1)[0];
}

function isCopy(copy: Message, question: Message): boolean {
  const apart = Math.abs(copy.createdTimestamp - question.createdTimestamp);
  if (copy.channelId !== question.channelId || apart > togetherMs) return false;
  if (copy.attachments.size !== question.attachments.size) return false;
  return copy.content !== '' ? question.content.includes(copy.content) : copy.attachments.size > 0;
}
