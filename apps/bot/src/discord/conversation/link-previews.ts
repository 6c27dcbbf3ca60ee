import type { Message } from 'discord.js';

import { MessageUpdates } from '../../contract/index.js';

/** Discord adds the preview of a link this much later than the message, at the most, as reports say. */
const patienceMs = 3_000;
/** An address whose preview its author did not suppress. */
const previewedLink = /(?<![<\w])https?:\/\/[^\s<>]+/;

/**
 * Gets the previews of links, which Discord adds to a message a little later by an update. Without the message-content
 * intent the update is empty, so the message is read again (discord-api-docs#5406).
 */
export class LinkPreviews {
  private readonly updates = new MessageUpdates();

  /** Notes that a message was updated. */
  noteChange(messageId: string): void {
    this.updates.announce(messageId);
  }

  /** The message with its previews, as far as they come in time. */
  async awaitFor(message: Message, signal: AbortSignal): Promise<Message> {
    if (!previewedLink.test(message.content) || message.embeds.length > 0) return message;
    const left = message.createdTimestamp + patienceMs - Date.now();
    if (left > 0) await this.updates.waitFor(message.id, Math.min(left, patienceMs), signal);
    return message.fetch(true).catch(() => message);
  }
}
