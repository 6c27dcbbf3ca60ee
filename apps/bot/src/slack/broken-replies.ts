import type { Logger } from '@nestjs/common';
import type { Words } from '../words/index.js';
import { answerText, headingIn } from './conversation-reader.js';
import type { SlackIdentity } from './identity.js';
import { messageQuestionId } from './questions.js';
import { errorCode } from './replies/api-errors.js';
import { replyContent } from './replies/reply-blocks.js';
import type { ReplyTools } from './replies/reply-context.js';
import { type ReplyRecord, recordOf, toMetadata } from './reply-record.js';
import type { SlackMessage } from './slack-message.js';

/** Marks the answers of a thread that broke off because the bot ended while it wrote them. */
export class BrokenReplies {
  constructor(
    private readonly tools: ReplyTools,
    private readonly identity: SlackIdentity,
    private readonly logger: Logger,
  ) {}

  async mark(channel: string, thread: readonly SlackMessage[], words: Words): Promise<void> {
    for (const [index, message] of thread.entries()) {
      const record = this.brokenRecord(channel, message, thread.slice(0, index));
      if (record === undefined || this.tools.running.has(channel, message.ts)) continue;
      try {
        await this.rewrite(channel, message, record, words);
      } catch (error) {
        this.logger.warn(`A half answer could not be marked as such: ${errorCode(error) ?? error}`);
      }
    }
  }

  /** A streamed answer gets its record at its end, so a reply without one broke off too. */
  private brokenRecord(
    channel: string,
    message: SlackMessage,
    before: readonly SlackMessage[],
  ): ReplyRecord | undefined {
    if (message.user !== this.identity.botUserId) return undefined;
    const record = recordOf(message);
    if (record !== undefined) return record.state === 'running' ? record : undefined;
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
