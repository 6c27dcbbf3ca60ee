import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Message, PartialMessage } from 'discord.js';
import type { BotConfig } from '../../config/bot-config.js';
import { BOT_CONFIG } from '../../config/settings.js';
import { type Asker, Chat, Closing } from '../../contract/index.js';
import { Claims } from '../../redis/claims.js';
import { wordsFor } from '../../words/index.js';
import { isSaidByPeople, isUnreadable } from '../conversation/chat-messages.js';
import { ConversationReader } from '../conversation/conversation-reader.js';
import { askerOf, localeOf, placeOf } from '../conversation/people.js';
import { EditPace } from '../reply/edit-pace.js';
import { MessageReply } from '../reply/message-reply.js';
import { parseContent } from '../reply/reply-format.js';
import { ProxiedQuestions } from './proxied-questions.js';

/** How many later messages are looked through for an answer that is there already. */
const messagesToSearch = 100;

/** What differs when a question is asked again, or was posted by a webhook for somebody. */
interface Circumstances {
  /** The messages of an answer that this one replaces. */
  readonly earlier?: readonly Message[];
  /** Who asks, when the author is a webhook that speaks for them. */
  readonly asker?: Asker;
}

/** An answer that is being written. */
interface Running {
  readonly reply: MessageReply;
  readonly over: Promise<unknown>;
  readonly asker: Asker;
}

/** Answers messages that are meant for the bot: mentions, replies to it and direct messages. */
@Injectable()
export class MessageListener {
  private readonly running = new Map<string, Running>();
  private readonly proxied = new ProxiedQuestions();
  /** Answers that ended because their question was deleted, which a webhook may yet repeat. */
  private readonly ended = new WeakMap<Message, Running>();

  constructor(
    private readonly chat: Chat,
    private readonly claims: Claims,
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'language' | 'discord'>,
    private readonly conversations: ConversationReader,
    private readonly pace: EditPace,
    private readonly logger: Logger,
    private readonly closing: Closing,
  ) {}

  async handleMessage(message: Message): Promise<void> {
    if (message.webhookId) return this.handleWebhookMessage(message);
    if (!isAsked(message)) return;
    if (isUnreadable(message)) return this.askForMention(message);
    // After a lost connection Discord may send a message again.
    if (await this.claims.claim(`discord:${message.id}`)) await this.answer(message);
  }

  /** A mention that an edit adds asks as well; other edits of questions do not ask again. */
  async handleEdit(before: Message | PartialMessage, message: Message): Promise<void> {
    this.conversations.noteEdit(message.id);
    if (message.editedTimestamp === null || message.partial || message.webhookId) return;
    if (message.channel.isDMBased() || !isAsked(message) || isUnreadable(message)) return;
    if (before.partial ? await isAnswered(message) : isForBot(before)) return;
    if (await this.claims.claim(`discord:${message.id}`)) await this.answer(message);
  }

  async handleDeletion(message: Message | PartialMessage): Promise<void> {
    this.conversations.noteDeletion(message.id);
    const running = this.running.get(message.id);
    await this.chat.cancelDeleted(message.id);
    if (!running || message.partial) return;
    this.ended.set(message, running);
    const copy = this.proxied.copyOf(message);
    if (copy) await this.answerCopy(copy, running);
  }

  async answer(
    question: Message,
    { earlier = [], asker = askerOf(question) }: Circumstances = {},
  ): Promise<void> {
    if (!question.channel.isSendable()) return;
    const locale = localeOf(question);
    const reply = new MessageReply(question, question.channel, {
      words: wordsFor(locale, this.config),
      pace: this.pace,
      logger: this.logger,
      askerId: asker.id,
      earlier,
    });
    const maySeeOthers = this.config.discord.readMessageContent || question.channel.isDMBased();
    const over = this.chat.answer(
      {
        platform: 'discord',
        id: question.id,
        conversation: await this.conversations.identify(question),
        asker,
        place: placeOf(question),
        locale,
        wish: { kind: 'chat' },
        readMessages: (signal) => this.conversations.read(question, signal),
        ...(maySeeOthers && { latestImage: () => this.conversations.latestImage(question) }),
        again: earlier.some(({ content }) => parseContent(content).text !== ''),
      },
      reply,
      this.closing.signal,
    );
    this.running.set(question.id, { reply, over, asker });
    await over.finally(() => this.running.delete(question.id));
  }

  /** What webhooks say is not answered, but for what a proxy bot posts again for a person. */
  private async handleWebhookMessage(message: Message): Promise<void> {
    if (message.author.id === message.client.user.id || !isForBot(message)) return;
    const original = this.proxied.originalOf(message);
    const ended = original && this.ended.get(original);
    if (ended) await this.answerCopy(message, ended);
  }

  private async answerCopy(copy: Message, { reply, over, asker }: Running): Promise<void> {
    if (!(await this.claims.claim(`discord:${copy.id}`))) return;
    await over;
    await reply.withdraw();
    await this.answer(copy, { asker });
  }

  /** Replies to answers of slash commands arrive empty unless they mention the bot. */
  private async askForMention(message: Message): Promise<void> {
    if (!message.channel.isSendable()) return;
    await message.reply(wordsFor(localeOf(message), this.config).discord.mentionMe);
  }
}

/** Other programs are never answered, so that two bots cannot keep each other talking. */
function isAsked(message: Message): boolean {
  return !message.author.bot && isSaidByPeople(message) && isForBot(message);
}

function isForBot(message: Message): boolean {
  if (message.channel.isDMBased()) return true;
  const bot = message.client.user;
  if (message.mentions.has(bot, { ignoreEveryone: true, ignoreRoles: true })) return true;
  // Discord makes a role of the bot's name with an invitation, which people take for the bot.
  const role = message.guild?.members.me?.roles.botRole;
  if (role && message.mentions.roles.has(role.id)) return true;
  const repliedTo = message.reference?.messageId;
  const repliesToBot =
    repliedTo !== undefined && message.channel.messages.cache.get(repliedTo)?.author?.id === bot.id;
  // A reply that does not ring arrives empty without the message-content intent; it may not be meant for the bot.
  return repliesToBot && !isUnreadable(message);
}

/** Whether the bot replied to a message from before its start. */
async function isAnswered({ id, channel, client }: Message): Promise<boolean> {
  const later = await channel.messages.fetch({ after: id, limit: messagesToSearch }).catch(() => undefined);
  if (!later) return true;
  return later.some(({ author, reference }) => author.id === client.user.id && reference?.messageId === id);
}
