import { Injectable, Logger } from '@nestjs/common';
import { Chat } from '../../contract/index.js';
import type { Words } from '../../words/index.js';
import { errorCode } from '../reply/api-errors.js';
import { isMarkedStream } from '../reply/outgoing-text.js';
import { ReplyTools } from '../reply/reply-context.js';
import { replyContent } from '../reply/reply-format.js';
import { messageQuestionId, type ReplyRecord, recordOf, toMetadata } from '../reply/reply-record.js';
import { answerText, ConversationReader, headingIn, markdownOf } from './conversation-reader.js';
import { SlackIdentity } from './identity.js';
import type { SlackMessage } from './slack-message.js';

/** Marks the answers of a thread that broke off because the bot ended while it wrote them. */
@Injectable()
export class InterruptedAnswers {
  constructor(
    private readonly chat: Chat,
    private readonly tools: ReplyTools,
    private readonly reader: ConversationReader,
    private readonly identity: SlackIdentity,
    private readonly logger: Logger,
  ) {}

  async mark(channel: string, thread: readonly SlackMessage[], words: Words): Promise<void> {
    for (const [index, message] of thread.entries()) {
      const before = thread.slice(0, index);
      if (this.tools.running.has(channel, message.ts) || !this.findInterrupted(channel, message, before))
        continue;
      try {
        // The answer may have come to its end since the thread was read.
        const now = await this.reader.readMessage(channel, message.ts, message.thread_ts);
        const record = now && this.findInterrupted(channel, now, before);
        if (record && !(await this.chat.isRunning(record.question)))
          await this.rewrite(channel, now, record, words);
      } catch (error) {
        this.logger.warn(`A half answer could not be marked as such: ${errorCode(error) ?? error}`);
      }
    }
  }

  /** A streamed answer gets its record at its end, so one that bears its mark alone broke off too. */
  private findInterrupted(
    channel: string,
    message: SlackMessage,
    before: readonly SlackMessage[],
  ): ReplyRecord | undefined {
    if (message.user !== this.identity.botUserId) return undefined;
    const record = recordOf(message);
    if (record !== undefined) return record.state === 'running' ? record : undefined;
    if (!isMarkedStream(markdownOf(message))) return undefined;
    const question = before.findLast(({ user }) => user !== this.identity.botUserId);
    if (question?.user === undefined) return undefined;
    return { state: 'running', question: messageQuestionId(channel, question.ts), asker: question.user };
  }

  private async rewrite(
    channel: string,
    message: SlackMessage,
    record: ReplyRecord,
    words: Words,
  ): Promise<void> {
    const { client } = this.tools;
    const text = answerText(message);
    const isStream = recordOf(message) === undefined;
    if (isStream) await this.endStream(channel, message.ts);
    const { question, asker } = record;
    await client.chat.update({
      channel,
      ts: message.ts,
      ...replyContent(
        { state: 'stopped', text, status: words.interrupted, notes: [], actions: ['regenerate'] },
        { question, asker },
        words,
        headingIn(message),
      ),
      metadata: toMetadata({ ...record, state: text === '' ? 'notice' : 'broken-off' }),
    });
  }

  private async endStream(channel: string, ts: string): Promise<void> {
    try {
      await this.tools.client.chat.stopStream({ channel, ts });
    } catch (error) {
      if (errorCode(error) !== 'message_not_in_streaming_state') throw error;
    }
  }
}
