import { setTimeout as sleep } from 'node:timers/promises';
import { type EditSink, ReplyGoneError, type ReplyView } from '../../chat/index.js';
import { type ReplyRecord, toMetadata } from '../reply-record.js';
import { asReplyError, isUnreachable, patiently, retryAfter } from './api-errors.js';
import { shortestIntervalMs } from './edit-pace.js';
import { replyContent } from './reply-blocks.js';
import { type ReplySubject, type ReplyTools, recordFor } from './reply-context.js';

/** Far below the 12,000 characters of markdown blocks, because long messages are folded by Slack. */
export const maxReplyLength = 3_000;

/** A reply as messages that are posted and edited with chat.update, so that everybody in a channel sees it grow. */
export class PostedReply implements EditSink {
  readonly kind = 'edit';
  readonly maxLength = maxReplyLength;
  private isElsewhere = false;

  /**
   * @param posted timestamps of messages that an earlier answer left and that this one replaces
   * @param elsewhere where to answer when the app is not in the conversation
   */
  constructor(
    private readonly tools: ReplyTools,
    private readonly subject: ReplySubject,
    private readonly posted: string[] = [],
    private readonly elsewhere?: EditSink,
  ) {}

  interval(): number {
    return shortestIntervalMs;
  }

  async show(index: number, view: ReplyView): Promise<void> {
    const ts = this.posted[index];
    try {
      if (this.isElsewhere) await this.elsewhere?.show(index, view);
      else if (ts === undefined && view.state === 'refused') await this.tellAskerAlone(view);
      else if (ts === undefined) await this.postOrGoElsewhere(index, view);
      else if (view.state === 'thinking' || view.state === 'streaming') await this.edit(ts, index, view);
      else await patiently(() => this.update(ts, index, view));
    } catch (error) {
      throw this.ended(asReplyError(error));
    }
  }

  /** The first post tells whether the app is in the conversation. */
  private async postOrGoElsewhere(index: number, view: ReplyView): Promise<void> {
    try {
      await this.post(index, view);
    } catch (error) {
      if (this.elsewhere === undefined || index > 0 || !isUnreachable(error)) throw error;
      this.isElsewhere = true;
      await this.elsewhere.show(index, view);
    }
  }

  private async post(index: number, view: ReplyView): Promise<void> {
    const { channel } = this.subject;
    const threadTs = this.threadTs(index);
    const { ts } = await patiently(() =>
      this.tools.client.chat.postMessage({
        channel,
        ...this.content(index, view),
        ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
        metadata: toMetadata(recordFor(this.subject, recordState(view))),
        unfurl_links: false,
        unfurl_media: false,
      }),
    );
    if (ts === undefined) return;
    this.posted[index] = ts;
    this.tools.pace.posted(channel);
    this.track(ts, view);
  }

  /**
   * An edit on the way. It fails rather than waiting for a used-up rate, because the next one shows everything and
   * the last one must not wait behind it.
   */
  private async edit(ts: string, index: number, view: ReplyView): Promise<void> {
    const { pace } = this.tools;
    const wait = pace.wait(this.subject.channel);
    if (wait > shortestIntervalMs) throw new Error(`Slack takes no edit for another ${wait} ms.`);
    await sleep(wait);
    try {
      await this.update(ts, index, view);
    } catch (error) {
      const seconds = retryAfter(error);
      if (seconds !== undefined) pace.refused(seconds);
      throw error;
    }
  }

  private async update(ts: string, index: number, view: ReplyView): Promise<void> {
    const { channel } = this.subject;
    this.tools.pace.edited(channel);
    const metadata = toMetadata(recordFor(this.subject, recordState(view)));
    await this.tools.client.chat.update({ channel, ts, ...this.content(index, view), metadata });
    this.track(ts, view);
  }

  private async tellAskerAlone(view: ReplyView): Promise<void> {
    if (this.elsewhere !== undefined) return this.elsewhere.show(0, view);
    const { channel, control } = this.subject;
    const threadTs = this.threadTs(0);
    await patiently(() =>
      this.tools.client.chat.postEphemeral({
        channel,
        user: control.asker,
        ...this.content(0, view),
        ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
      }),
    );
  }

  private content(index: number, view: ReplyView) {
    const { control, words, heading } = this.subject;
    return replyContent(view, control, words, index === 0 ? heading : undefined);
  }

  /** Further messages of a reply that began at the top of a channel go into its thread. */
  private threadTs(index: number): string | undefined {
    return this.subject.threadTs ?? (index > 0 ? this.posted[0] : undefined);
  }

  /** Nothing more is written of a reply that is gone. */
  private ended(error: unknown): unknown {
    if (error instanceof ReplyGoneError) {
      for (const ts of this.posted) this.tools.running.end(this.subject.channel, ts);
    }
    return error;
  }

  private track(ts: string, view: ReplyView): void {
    const { running } = this.tools;
    if (recordState(view) === 'running') running.begin(this.subject.channel, ts);
    else running.end(this.subject.channel, ts);
  }
}

/** What a later reader of the thread has to know about a message of a reply. */
export function recordState({ state, text }: Pick<ReplyView, 'state' | 'text'>): ReplyRecord['state'] {
  switch (state) {
    case 'thinking':
    case 'streaming':
      return 'running';
    case 'done':
      return 'done';
    case 'stopped':
    case 'failed':
    case 'refused':
      return text === '' ? 'notice' : 'broken-off';
  }
}
