import type { Logger } from '@nestjs/common';
import type { WebAPICallResult } from '@slack/web-api';
import {
  type AppendSink,
  type EditSink,
  type ReplyEnding,
  ReplyGoneError,
  type ReplyView,
} from '../../contract/index.js';
import { splitIntoMessages } from '../../reply/index.js';
import { callPatiently, errorCode, retryAfter, translateError } from './api-errors.js';
import { replyWithFallbacks } from './fallback-reply.js';
import { restoreText, streamMark, withoutPings } from './outgoing-text.js';
import { maxReplyLength, recordState } from './posted-reply.js';
import { type ReplySubject, type ReplyTools, recordFor } from './reply-context.js';
import { belowText } from './reply-format.js';
import { toMetadata } from './reply-record.js';

/** chat.appendStream is tier 4: 100 calls per minute and workspace. */
const intervalMs = 1_000;
/** A streamed message holds 12,000 characters of markdown; the rest of an answer goes on in another. */
const maxStreamLength = 11_000;

/**
 * A reply through Slack's own text streaming, in direct messages: words appear without the "edited" mark, and
 * Slack shows its own stop button. A stream that Slack ended goes on as a message that is edited.
 */
export class StreamedReply implements AppendSink {
  readonly kind = 'append';
  readonly maxLength = maxReplyLength;
  /** All text so far, as it may be shown. */
  private text = '';
  /** How much of the text Slack has. */
  private sent = 0;
  /** The message that is open, and where in the text it begins. */
  private open: { readonly ts: string; readonly from: number } | undefined;
  /** Takes over when there is no stream to write to. */
  private edited: EditSink | undefined;

  constructor(
    private readonly tools: ReplyTools,
    private readonly subject: ReplySubject & { readonly threadTs: string },
    private readonly team: string,
    private readonly logger: Logger,
  ) {}

  interval(): number {
    return intervalMs;
  }

  async showStatus(status: string): Promise<void> {
    const { channel, threadTs } = this.subject;
    try {
      await this.tools.client.assistant.threads.setStatus({
        channel_id: channel,
        thread_ts: threadTs,
        status,
      });
    } catch (error) {
      this.logger.debug(`Slack did not show the status "${status}": ${errorCode(error) ?? error}`);
    }
  }

  async append(_piece: string, whole: string): Promise<void> {
    this.text = withoutPings(whole);
    // A trailing "<" may turn out to be the beginning of a mention.
    const end = whole.endsWith('<') ? this.text.length - 1 : this.text.length;
    if (this.edited !== undefined) return this.edit({ state: 'streaming', notes: [], actions: ['stop'] });
    try {
      await this.stream(end);
    } catch (error) {
      this.goOnEditing(error);
      await this.edit({ state: 'streaming', notes: [], actions: ['stop'] });
    }
  }

  async finish(ending: ReplyEnding): Promise<void> {
    if (this.open !== undefined && this.edited === undefined) {
      const { ts } = this.open;
      try {
        await callPatiently(() => this.stop(ts, ending));
        return;
      } catch (error) {
        this.goOnEditing(error);
      }
    }
    this.edited ??= replyWithFallbacks(this.tools, this.subject);
    await this.edit(ending);
  }

  private async stream(end: number): Promise<void> {
    const piece = this.text.slice(this.sent, end);
    if (piece === '') return;
    if (this.open !== undefined && end - this.open.from > maxStreamLength)
      await this.closeFullMessage(this.open.ts);
    if (this.open === undefined) await this.start(piece);
    else await this.call('chat.appendStream', { ts: this.open.ts, markdown_text: piece });
    this.sent = end;
  }

  private async start(piece: string): Promise<void> {
    const { channel, threadTs, control } = this.subject;
    const { ts } = await this.tools.client.chat.startStream({
      channel,
      thread_ts: threadTs,
      markdown_text: streamMark + piece,
      recipient_team_id: this.team,
      recipient_user_id: control.asker,
    });
    if (ts === undefined) throw new Error('Slack began a stream without saying which message it is.');
    this.open = { ts, from: this.sent };
    this.tools.running.begin(channel, ts);
  }

  private async closeFullMessage(ts: string): Promise<void> {
    await this.call('chat.stopStream', { ts, metadata: toMetadata(recordFor(this.subject, 'done')) });
    this.tools.running.end(this.subject.channel, ts);
    this.open = undefined;
  }

  private async stop(ts: string, ending: ReplyEnding): Promise<void> {
    const { channel, control, words } = this.subject;
    const rest = this.text.slice(this.sent);
    const state = recordState({ state: ending.state, text: this.text });
    await this.call('chat.stopStream', {
      ts,
      ...(rest === '' ? {} : { markdown_text: rest }),
      blocks: belowText(ending, control, words),
      metadata: toMetadata(recordFor(this.subject, state)),
    });
    this.tools.running.end(channel, ts);
  }

  private call(method: string, args: Record<string, unknown>): Promise<WebAPICallResult> {
    return this.tools.client.apiCall(method, { channel: this.subject.channel, ...args });
  }

  /**
   * Slack ends streams that run long or pause long, and offers none in some workspaces: the answer then goes on as
   * a message that is edited.
   * @throws the error, when it is no refusal of streaming but of the reply or of the rate
   */
  private goOnEditing(error: unknown): void {
    const known = translateError(error);
    if (known instanceof ReplyGoneError && this.open !== undefined) {
      this.tools.running.end(this.subject.channel, this.open.ts);
    }
    const code = errorCode(error);
    if (known instanceof ReplyGoneError || retryAfter(error) !== undefined || code === undefined) throw known;
    this.logger.debug(`Slack ended or refused a stream (${code}); the answer goes on as an edited message.`);
    this.edited = replyWithFallbacks(this.tools, this.subject, {
      posted: this.open === undefined ? [] : [this.open.ts],
    });
  }

  private async edit(view: Omit<ReplyView, 'text'>): Promise<void> {
    const texts = splitIntoMessages(restoreText(this.text.slice(this.open?.from ?? 0)), maxReplyLength);
    const last = Math.max(0, texts.length - 1);
    for (let index = 0; index < last; index += 1) {
      await this.edited?.show(index, { state: 'done', text: texts[index] ?? '', notes: [], actions: [] });
    }
    await this.edited?.show(last, { ...view, text: texts[last] ?? '' });
  }
}
