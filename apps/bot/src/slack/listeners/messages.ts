import { Injectable } from '@nestjs/common';
import { Chat } from '../../contract/index.js';
import { Claims } from '../../redis/claims.js';
import { ConversationReader } from '../conversation/conversation-reader.js';
import { SlackIdentity } from '../conversation/identity.js';
import { mentions } from '../conversation/incoming-text.js';
import { People } from '../conversation/people.js';
import { Questions } from '../conversation/questions.js';
import {
  isDirect,
  isSlackItself,
  type PostedMessage,
  type SlackMessage,
} from '../conversation/slack-message.js';
import { messageQuestionId, recordOf } from '../reply/reply-record.js';
import { Answers } from './answers.js';

const answeredSubtypes = new Set([undefined, 'file_share', 'thread_broadcast']);

/** Answers mentions, direct messages, and what is said in a thread between one person and the bot. */
@Injectable()
export class MessageListener {
  constructor(
    private readonly chat: Chat,
    private readonly claims: Claims,
    private readonly identity: SlackIdentity,
    private readonly people: People,
    private readonly reader: ConversationReader,
    private readonly questions: Questions,
    private readonly answers: Answers,
  ) {}

  /**
   * @param isRetry it may have been answered before
   * @param isMention Slack says that the bot is named in it, wherever that stands
   */
  async handleMessage(
    message: PostedMessage,
    { isRetry, isMention = false }: { readonly isRetry: boolean; readonly isMention?: boolean },
  ): Promise<void> {
    const { channel, user } = message;
    if (user === undefined || user === this.identity.botUserId || message.bot_id !== undefined) return;
    if (isSlackItself(user) || !answeredSubtypes.has(message.subtype)) return;
    const isAddressed = isMention || this.isAddressed(message);
    if (!isAddressed && !this.mayBeForBot(message)) return;
    const id = messageQuestionId(channel, message.ts);
    // A mention comes as `app_mention`, as `message`, or as both, and each may come again: what counts is the message.
    if (!(await this.claims.claim(`slack:${id}`))) return;

    const root = message.thread_ts ?? message.ts;
    if (isRetry || !isAddressed) {
      const thread = await this.reader.readThread(channel, root);
      if (thread.some((other) => recordOf(other)?.question === id)) return;
      if (!isAddressed && !this.isBetweenTwo(user, thread)) return;
    }
    const person = await this.people.find(user);
    const question = this.questions.buildFromMessage({ channel, root, person }, message);
    const subject = this.answers.makeSubject(question, person, { channel, threadTs: root });
    await this.answers.answer(question, this.answers.makeSink(subject));
  }

  /** An edit that adds a mention is a question; a preview that Slack adds is none. */
  async handleEdit(before: SlackMessage | undefined, message: PostedMessage): Promise<void> {
    const isNamed = ({ text }: SlackMessage) => mentions(text, this.identity.botUserId);
    if (!isNamed(message) || before === undefined || isNamed(before)) return;
    await this.handleMessage(message, { isRetry: true });
  }

  async handleDeletion(channel: string, ts: string): Promise<void> {
    await this.chat.cancelDeleted(messageQuestionId(channel, ts));
  }

  private isAddressed(message: PostedMessage): boolean {
    return isDirect(message.channel) || mentions(message.text, this.identity.botUserId);
  }

  /** A first look, without asking Slack: replies in threads that the author or the bot began. */
  private mayBeForBot(message: PostedMessage): boolean {
    const { parent_user_id: parent, user } = message;
    return parent !== undefined && [user, this.identity.botUserId].includes(parent);
  }

  /** Nobody has to name the bot in a thread where it answers one person and nobody else speaks. */
  private isBetweenTwo(user: string, thread: readonly SlackMessage[]): boolean {
    const others = thread.filter(
      (message) => message.user !== this.identity.botUserId && !isSlackItself(message.user),
    );
    return (
      thread.some((message) => recordOf(message) !== undefined) &&
      others.every((message) => message.user === user)
    );
  }
}
