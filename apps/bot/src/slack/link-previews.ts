import type { ConversationReader } from './conversation-reader.js';
import { awaitsPreview, mayShowPicture } from './pictures.js';
import type { SlackMessage } from './slack-message.js';

/** Slack shows the preview of a link 0.2 to 3 seconds after the message (vercel/chat#395). */
const patienceMs = 3_500;

/** Waits for the previews of links, which people see under a message that was sent without them. */
export class LinkPreviews {
  private readonly waiting = new Map<string, () => void>();

  constructor(private readonly reader: ConversationReader) {}

  /** Slack changed a message. */
  changed(channel: string, ts: string): void {
    this.waiting.get(`${channel}:${ts}`)?.();
  }

  /** The message with its preview, when it holds a link and no picture; itself when none comes in time. */
  async of(channel: string, message: SlackMessage, signal: AbortSignal): Promise<SlackMessage> {
    const left = Math.min(patienceMs, Number(message.ts) * 1_000 + patienceMs - Date.now());
    if (left <= 0 || !awaitsPreview(message) || mayShowPicture(message)) return message;
    await this.wait(`${channel}:${message.ts}`, left, signal);
    // The change may have been told to another bot, or not at all.
    return (await this.reader.message(channel, message.ts, message.thread_ts)) ?? message;
  }

  private async wait(key: string, ms: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      this.waiting.set(key, end);
      signal.addEventListener('abort', end, { once: true });
    });
    this.waiting.delete(key);
  }
}
