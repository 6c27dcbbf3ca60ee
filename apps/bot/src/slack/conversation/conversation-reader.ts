import { Injectable } from '@nestjs/common';
import { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { ChatMessage } from '../../contract/index.js';
import { withoutImageLinks } from '../../images/image-links.js';
import { callPatiently } from '../reply/api-errors.js';
import { isMarkedStream, restoreText } from '../reply/outgoing-text.js';
import { recordOf } from '../reply/reply-record.js';
import { isOnlyEmoji } from './custom-emoji.js';
import { SlackIdentity } from './identity.js';
import { decodeEntities, type Names, plainText } from './incoming-text.js';
import { MessageImages, type Viewer } from './message-images.js';
import { NameDirectory } from './names.js';
import {
  isDirect,
  isSlackItself,
  itemsOf,
  maybe,
  type SlackMessage,
  slackMessage,
  UnreadableItems,
} from './slack-message.js';

const pageSize = 200;
/** Only the oldest thousand messages of a longer thread are read; the newest stay unread. */
const maxPages = 5;

const repliesPage = z.object({
  messages: itemsOf('message', slackMessage),
  response_metadata: maybe(z.object({ next_cursor: maybe(z.string()) })),
});

/** Messages that Slack itself writes into a conversation, such as "Ada joined". */
const spokenSubtypes = new Set([undefined, 'file_share', 'thread_broadcast', 'bot_message', 'me_message']);

/** Rebuilds conversations from Slack: a thread is a conversation, and Slack is the only place that keeps it. */
@Injectable()
export class ConversationReader {
  constructor(
    private readonly client: WebClient,
    private readonly identity: SlackIdentity,
    private readonly images: MessageImages,
    private readonly names: NameDirectory,
    private readonly unreadable: UnreadableItems,
  ) {}

  /** All messages of a thread, oldest first. */
  async readThread(channel: string, root: string): Promise<SlackMessage[]> {
    const messages: SlackMessage[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < maxPages; page += 1) {
      const answer = await callPatiently(() =>
        this.client.conversations.replies({
          channel,
          ts: root,
          limit: pageSize,
          include_all_metadata: true,
          ...(cursor === undefined ? {} : { cursor }),
        }),
      );
      messages.push(...this.parse(answer));
      cursor = repliesPage.parse(answer).response_metadata?.next_cursor;
      if (!cursor) break;
    }
    return messages;
  }

  /** One message by its place, wherever it stands in its thread; none when it is gone. */
  async readMessage(channel: string, ts: string, threadTs = ts): Promise<SlackMessage | undefined> {
    const answer = await callPatiently(() =>
      this.client.conversations.replies({
        channel,
        ts: threadTs,
        oldest: ts,
        latest: ts,
        inclusive: true,
        limit: 2,
        include_all_metadata: true,
      }),
    );
    return this.parse(answer).find((message) => message.ts === ts);
  }

  /** The newest messages of a channel, newest first. */
  async readNewest(channel: string, limit: number): Promise<SlackMessage[]> {
    const answer = await callPatiently(() => this.client.conversations.history({ channel, limit }));
    return this.parse(answer);
  }

  /** What a page holds. Only the bot's own messages carry its records: any app can write the same metadata. */
  private parse(answer: unknown): SlackMessage[] {
    const { items, leftOut } = repliesPage.parse(answer).messages;
    this.unreadable.report([...leftOut, ...items.flatMap((message) => message.leftOut)]);
    return items.map((message) =>
      message.user === this.identity.botUserId ? message : { ...message, metadata: undefined },
    );
  }

  /** Only public channels, the channel itself, and nothing else may be read for somebody by a link. */
  async mayRead(channel: string, viewer: Viewer): Promise<boolean> {
    if (channel === viewer.channel) return true;
    if (isDirect(channel)) return false;
    const { channel: info } = await callPatiently(() => this.client.conversations.info({ channel }));
    return info?.is_private === false;
  }

  /** The messages in the core's form: the question's own prompt first where the bot's reply holds it. */
  async toChat(messages: readonly SlackMessage[], channel: string): Promise<ChatMessage[]> {
    const spoken = messages.filter(
      ({ subtype, user }) => spokenSubtypes.has(subtype) && !isSlackItself(user),
    );
    const names = await this.names.find(
      spoken.map(({ text, quoted }) => `${text}\n${quoted}`),
      channel,
    );
    const told = spoken.map(async (message) =>
      this.isReply(message)
        ? this.convertReply(message, channel)
        : [await this.convertQuestion(message, names)],
    );
    return (await Promise.all(told)).flat();
  }

  /** Other programs may write with the bot's token: what bears no mark of a reply is somebody's message like any other. */
  private isReply(message: SlackMessage): boolean {
    return (
      message.user === this.identity.botUserId &&
      (recordOf(message) !== undefined || isMarkedStream(markdownOf(message)))
    );
  }

  private async convertQuestion(message: SlackMessage, names: Names): Promise<ChatMessage> {
    const written = [message.text, message.quoted].map((part) =>
      plainText(part, this.identity.botUserId, names),
    );
    const text = withoutImageLinks(written.filter(Boolean).join('\n'));
    const images = await this.images.find(message);
    return {
      id: message.ts,
      author: { kind: 'user', id: message.user ?? message.bot_id ?? 'unknown' },
      // The model must not guess from the names of emoji that it sees.
      text: images.length > 0 && isOnlyEmoji(text) ? '' : text,
      images,
      warnings: [],
    };
  }

  private convertReply(message: SlackMessage, channel: string): ChatMessage[] {
    const record = recordOf(message);
    const text = answerText(message);
    const answer: ChatMessage = {
      id: message.ts,
      author: { kind: 'bot' },
      text,
      images: [],
      warnings: [],
      ...(record?.state === 'done' ? {} : { unfinished: true }),
      ...(record?.state === 'notice' || text === '' ? { notice: true } : {}),
    };
    if (record?.prompt === undefined) return [answer];
    const { prompt, asker } = record;
    const images = prompt.images.map((image) => this.images.referToPrompt(image, { user: asker, channel }));
    const author = { kind: 'user', id: asker } as const;
    return [{ id: `${message.ts}:prompt`, author, text: prompt.text, images, warnings: [] }, answer];
  }
}

/** The answer alone: status, notes and buttons are in other blocks. */
export function answerText(message: SlackMessage): string {
  const markdown = markdownOf(message);
  return restoreText(markdown === '' ? decodeEntities(message.text) : markdown);
}

/** The model's words as they were sent, with the marks that nobody sees. */
export function markdownOf(message: SlackMessage): string {
  return message.blocks
    .flatMap((block) => (block.type === 'markdown' && typeof block.text === 'string' ? [block.text] : []))
    .join('\n');
}

/** What the first block of a message is, when it says what was asked. */
const headingBlock = z.object({
  type: z.literal('context'),
  elements: z.array(z.object({ text: z.string() })).min(1),
});

/** The line above an answer that says what was asked, where no message does. */
export function headingIn(message: SlackMessage): string | undefined {
  if (recordOf(message)?.prompt === undefined) return undefined;
  return headingBlock.safeParse(message.blocks[0]).data?.elements[0]?.text;
}
