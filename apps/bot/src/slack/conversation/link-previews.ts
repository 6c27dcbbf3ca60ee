import { Injectable } from '@nestjs/common';
import { MessageUpdates } from '../../contract/index.js';
import { ConversationReader } from './conversation-reader.js';
import { awaitsPreview, mayShowPicture } from './pictures.js';
import type { SlackMessage } from './slack-message.js';

/** Slack shows the preview of a link 0.2 to 3 seconds after the message (vercel/chat#395). */
const patienceMs = 3_500;

/** Waits for the previews of links, which people see under a message that was sent without them. */
@Injectable()
export class LinkPreviews {
  private readonly updates = new MessageUpdates();

  constructor(private readonly reader: ConversationReader) {}

  /** Slack changed a message. */
  noteChange(channel: string, ts: string): void {
    this.updates.announce(`${channel}:${ts}`);
  }

  /** The message with its preview, when it holds a link and no picture; itself when none comes in time. */
  async awaitFor(channel: string, message: SlackMessage, signal: AbortSignal): Promise<SlackMessage> {
    const left = Math.min(patienceMs, Number(message.ts) * 1_000 + patienceMs - Date.now());
    if (left <= 0 || !awaitsPreview(message) || mayShowPicture(message)) return message;
    await this.updates.waitFor(`${channel}:${message.ts}`, left, signal);
    // The change may have been told to another bot, or not at all.
    return (await this.reader.readMessage(channel, message.ts, message.thread_ts)) ?? message;
  }
}
