import { Inject, Injectable } from '@nestjs/common';
import { type Client, type Message, SnowflakeUtil } from 'discord.js';
import type { BotConfig } from '../../config/bot-config.js';
import { BOT_CONFIG } from '../../config/settings.js';
import { Chat } from '../../contract/index.js';
import { wordsFor } from '../../words/index.js';
import { formatButtons, formatContent, parseContent } from '../reply/reply-format.js';
import { stopControlOf } from './chat-messages.js';
import { localeOf } from './people.js';

/** Channels without a message in this time are not looked through at start-up. */
const lookBackMs = 15 * 60_000;
const messagesToLookThrough = 20;

/** Finds answers that an earlier process of the bot was writing when it ended, and says so below them. */
@Injectable()
export class InterruptedAnswers {
  constructor(
    private readonly chat: Chat,
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'language'>,
  ) {}

  /** An answer that still has its Stop button and that nobody is writing broke off. */
  async markIfInterrupted(message: Message): Promise<void> {
    if (message.author.id !== message.client.user.id) return;
    const control = stopControlOf(message);
    if (!control || (await this.chat.isRunning(control.questionId))) return;
    const { question, text } = parseContent(message.content);
    const words = wordsFor(localeOf(message), this.config);
    const actions = ['regenerate'] as const;
    const view = { state: 'failed', text, status: words.interrupted, notes: [], actions } as const;
    await message
      .edit({ content: formatContent(view, question), components: formatButtons(view, control, words) })
      // The message may have been deleted meanwhile; the conversation goes on either way.
      .catch(() => {});
  }

  /** Looks through the channels where something was said just before the start. */
  async markAfterRestart(client: Client<true>): Promise<void> {
    const since = Date.now() - lookBackMs;
    for (const channel of client.channels.cache.values()) {
      if (!channel.isTextBased() || !channel.lastMessageId) continue;
      if (SnowflakeUtil.timestampFrom(channel.lastMessageId) < since) continue;
      // discord.js passes over the arrival of a message that it remembers already: a question asked at this moment.
      const messages = await channel.messages
        .fetch({ limit: messagesToLookThrough, cache: false })
        .catch(() => undefined);
      for (const message of messages?.values() ?? []) await this.markIfInterrupted(message);
    }
  }
}
