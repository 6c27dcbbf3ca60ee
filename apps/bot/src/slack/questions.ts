import { randomUUID } from 'node:crypto';
import type { ChatMessage, ImageReference, Question, Wish } from '../chat/index.js';
import type { Settings } from '../config/settings.js';
import type { ConversationReader } from './conversation-reader.js';
import type { SlackIdentity } from './identity.js';
import type { MessageImages } from './message-images.js';
import type { KnownPerson } from './people.js';
import type { Prompt } from './reply-record.js';
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
export class Questions {
  constructor(
    private readonly identity: SlackIdentity,
    private readonly reader: ConversationReader,
    private readonly images: MessageImages,
    private readonly settings: Settings,
  ) {}

  /** A question that is a message, the last of `thread`. */
  ofMessage(asked: Asked, message: SlackMessage, thread: readonly SlackMessage[]): Question {
    const direct = isDirect(asked.channel);
    return {
      ...this.common(asked),
      id: messageQuestionId(asked.channel, message.ts),
      conversation: `${asked.channel}:${asked.root ?? message.ts}`,
      wish: { kind: 'chat' },
      messages: this.read(thread, asked.channel),
      ...(direct ? { latestImage: () => this.latestImage(asked.channel, message.ts) } : {}),
    };
  }

  /** A question of a command, a shortcut or a modal: no message asks it, so its reply keeps it. */
  ofPrompt(
    asked: Asked,
    prompt: Prompt,
    earlier: readonly SlackMessage[] = [],
    id: string = randomUUID(),
  ): Question {
    const { asker } = asked.person;
    const viewer = { user: asker.id, channel: asked.channel };
    const message: ChatMessage = {
      id,
      author: { kind: 'user', id: asker.id },
      text: prompt.text,
      images: prompt.images.map((image) => this.images.ofPrompt(image, viewer)),
      warnings: [],
    };
    return {
      ...this.common(asked),
      id,
      conversation: `${asked.channel}:${asked.root ?? id}`,
      wish: wishOf(prompt),
      messages: [...this.read(earlier, asked.channel), message],
    };
  }

  /** The newest message with an image in a channel, before the one that asks. */
  async latestWithImage(channel: string, before?: string): Promise<SlackMessage | undefined> {
    const newest = await this.reader.newest(channel, recentMessages);
    return newest.find((message) => message.ts !== before && hasImage(message));
  }

  private async latestImage(channel: string, before: string): Promise<ImageReference | undefined> {
    const message = await this.latestWithImage(channel, before);
    const image = message && this.images.of(message)[0];
    return image && { ...image, origin: 'channel' };
  }

  private common({ channel, person, again }: Asked) {
    return {
      platform: 'slack' as const,
      asker: person.asker,
      locale: person.locale,
      place: { server: this.identity.teamId, channel, direct: isDirect(channel) },
      ...(again ? { again } : {}),
    };
  }

  /** The first message, which mostly holds the image, and as many of the newest as are read. */
  private read(thread: readonly SlackMessage[], channel: string): ChatMessage[] {
    const limit = this.settings.config.conversation.maxMessages;
    if (thread.length <= limit) return this.reader.toChat(thread, channel);
    const messages = this.reader.toChat(
      [...thread.slice(0, 1), ...thread.slice(-Math.max(1, limit - 1))],
      channel,
    );
    const question = messages.at(-1);
    if (question === undefined) return messages;
    const unread = { kind: 'earlier-messages-unread', limit } as const;
    return [...messages.slice(0, -1), { ...question, warnings: [...question.warnings, unread] }];
  }
}

export function messageQuestionId(channel: string, ts: string): string {
  return `${channel}:${ts}`;
}

function wishOf(prompt: Prompt): Wish {
  return prompt.wish === 'chat' ? { kind: 'chat' } : { kind: 'alt-text', maxLength: altTextLength };
}

export function hasImage(message: SlackMessage): boolean {
  return (
    message.files.some((file) => file.mimetype?.startsWith('image/')) ||
    message.attachments.some(
      (attachment) =>
        attachment.image_url !== undefined ||
        attachment.files.some((file) => file.mimetype?.startsWith('image/')),
    )
  );
}
