import type { Message, PartialMessage } from 'discord.js';

import type { Chat, Claims } from '../chat/index.js';
import type { Settings } from '../config/settings.js';
import { wordsFor } from '../words/index.js';
import { askerOf, localeOf, placeOf } from './askers.js';
import { isSaidByPeople, isUnreadable } from './chat-messages.js';
import type { ConversationReader } from './conversation-reader.js';
import type { EditPace } from './edit-pace.js';
import { MessageReply } from './message-reply.js';
import { parseContent } from './reply-format.js';

/** Answers messages that are meant for the bot: mentions, replies to it and direct messages. */
export class QuestionListener {
  constructor(
    private readonly chat: Chat,
    private readonly claims: Claims,
    private readonly settings: Settings,
    private readonly conversations: ConversationReader,
    private readonly pace: EditPace,
    /** Aborted when the bot shuts down. */
    private readonly closing: AbortSignal,
  ) {}

  async onMessage(message: Message): Promise<void> {
    if (message.author.bot || !isSaidByPeople(message) || !this.isForBot(message)) return;
    if (isUnreadable(message)) return this.askForMention(message);
    // After a lost connection Discord may send a message again.
    if (await this.claims.claim(`discord:${message.id}`)) await this.answer(message);
  }

  async onDelete(message: Message | PartialMessage): Promise<void> {
    this.conversations.forget(message.id);
    await this.chat.questionDeleted(message.id);
  }

  /** @param earlier the messages of an answer that this one replaces */
  async answer(question: Message, earlier: Message[] = []): Promise<void> {
    if (!question.channel.isSendable()) return;
    const locale = localeOf(question);
    const maySeeOthers = this.settings.config.discord.readMessageContent || question.channel.isDMBased();
    await this.chat.answer(
      {
        platform: 'discord',
        id: question.id,
        conversation: await this.conversations.conversationOf(question),
        asker: askerOf(question),
        place: placeOf(question),
        locale,
        wish: { kind: 'chat' },
        readMessages: () => this.conversations.read(question),
        ...(maySeeOthers && { latestImage: () => this.conversations.latestImage(question) }),
        again: earlier.some(({ content }) => parseContent(content).text !== ''),
      },
      new MessageReply(question, question.channel, wordsFor(locale, this.settings), this.pace, earlier),
      this.closing,
    );
  }

  private isForBot(message: Message): boolean {
    if (message.channel.isDMBased()) return true;
    const bot = message.client.user;
    if (message.mentions.has(bot, { ignoreEveryone: true, ignoreRoles: true })) return true;
    const repliedTo = message.reference?.messageId;
    const repliesToBot =
      repliedTo !== undefined && message.channel.messages.cache.get(repliedTo)?.author.id === bot.id;
    // A reply that does not ring arrives empty without the message-content intent; it may not be meant for the bot.
    return repliesToBot && !isUnreadable(message);
  }

  /** Replies to answers of slash commands arrive empty unless they mention the bot. */
  private async askForMention(message: Message): Promise<void> {
    if (!message.channel.isSendable()) return;
    await message.reply(wordsFor(localeOf(message), this.settings).discord.mentionMe);
  }
}
