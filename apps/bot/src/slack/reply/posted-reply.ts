import { setTimeout as sleep } from 'node:timers/promises';
import { type EditSink, ReplyGoneError, type ReplyView } from '../../contract/index.js';
import {
  callPatiently,
  errorCode,
  isContentRefusal,
  PlaceRefusedError,
  retryAfter,
  translateError,
} from './api-errors.js';
import { minIntervalMs } from './edit-pace.js';
import { type ReplySubject, type ReplyTools, recordFor } from './reply-context.js';
import { plainContent, replyContent } from './reply-format.js';
import { type ReplyRecord, toMetadata } from './reply-record.js';

/** Far below the 12,000 characters of markdown blocks, because long messages are folded by Slack. */
export const maxReplyLength = 3_000;

/** A reply as messages that are posted and edited with chat.update, so that everybody in a channel sees it grow. */
export class PostedReply implements EditSink {
  readonly kind = 'edit';
  readonly maxLength = maxReplyLength;
  /** A person's id stands for the direct messages with them, whose own id their first message tells. */
  private channel: string;

  /**
   * @param posted timestamps of messages that an earlier answer left and that this one replaces
   * @param alone tells the asker alone what nobody else need read, where a command can be answered so
   * @param form plain where blocks and metadata are refused
   */
  constructor(
    private readonly tools: ReplyTools,
    private readonly subject: ReplySubject,
    private readonly posted: string[] = [],
    private readonly alone?: EditSink,
    private form: 'blocks' | 'plain' = 'blocks',
  ) {
    this.channel = subject.channel;
  }

  interval(): number {
    return minIntervalMs;
  }

  /** @throws PlaceRefusedError when it has to be said elsewhere */
  async show(index: number, view: ReplyView): Promise<void> {
    try {
      await this.write(index, view);
    } catch (error) {
      if (this.form === 'blocks' && isContentRefusal(error)) {
        this.form = 'plain';
        this.tools.logger.warn(
          `Slack took no blocks in ${this.channel} (${errorCode(error)}); the text goes alone.`,
        );
        return this.show(index, view);
      }
      const failure = translateError(error);
      if (failure instanceof ReplyGoneError || failure instanceof PlaceRefusedError) this.endTracking();
      throw failure;
    }
  }

  private async write(index: number, view: ReplyView): Promise<void> {
    const ts = this.posted[index];
    if (ts === undefined && view.state === 'refused') await this.tellAskerAlone(view);
    else if (ts === undefined) await this.post(index, view);
    else if (view.state === 'thinking' || view.state === 'streaming') await this.edit(ts, index, view);
    else await callPatiently(() => this.update(ts, index, view));
  }

  private async post(index: number, view: ReplyView): Promise<void> {
    const threadTs = this.threadTs(index);
    const { ts, channel } = await callPatiently(() =>
      this.tools.client.chat.postMessage({
        channel: this.channel,
        ...this.format(index, view),
        ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
        ...this.metadata(view),
        unfurl_links: false,
        unfurl_media: false,
      }),
    );
    if (ts === undefined) return;
    this.channel = channel ?? this.channel;
    this.posted[index] = ts;
    this.tools.pace.notePost(this.channel);
    this.track(ts, view);
  }

  /**
   * An edit on the way. It fails rather than waiting for a used-up rate, because the next one shows everything and
   * the last one must not wait behind it.
   */
  private async edit(ts: string, index: number, view: ReplyView): Promise<void> {
    const { pace } = this.tools;
    const wait = pace.interval(this.channel);
    if (wait > minIntervalMs) throw new Error(`Slack takes no edit for another ${wait} ms.`);
    await sleep(wait);
    try {
      await this.update(ts, index, view);
    } catch (error) {
      const seconds = retryAfter(error);
      if (seconds !== undefined) pace.noteRefusal(seconds);
      throw error;
    }
  }

  private async update(ts: string, index: number, view: ReplyView): Promise<void> {
    const { channel } = this;
    this.tools.pace.noteEdit(channel);
    await this.tools.client.chat.update({
      channel,
      ts,
      ...this.format(index, view),
      ...this.metadata(view),
    });
    this.track(ts, view);
  }

  private async tellAskerAlone(view: ReplyView): Promise<void> {
    if (this.alone !== undefined) return this.alone.show(0, view);
    const threadTs = this.threadTs(0);
    // Direct messages are seen by their reader alone as they are.
    if (this.channel === this.subject.control.asker) return this.post(0, view);
    await callPatiently(() =>
      this.tools.client.chat.postEphemeral({
        channel: this.channel,
        user: this.subject.control.asker,
        ...this.format(0, view),
        ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
      }),
    );
  }

  private format(index: number, view: ReplyView) {
    const { control, words } = this.subject;
    const heading = index === 0 ? this.subject.heading : undefined;
    return this.form === 'plain' ? plainContent(view, heading) : replyContent(view, control, words, heading);
  }

  private metadata(view: ReplyView) {
    if (this.form === 'plain') return {};
    return { metadata: toMetadata(recordFor(this.subject, recordState(view))) };
  }

  /** Further messages of a reply that began at the top of a channel go into its thread. */
  private threadTs(index: number): string | undefined {
    return this.subject.threadTs ?? (index > 0 ? this.posted[0] : undefined);
  }

  /** Forgets the messages of a reply that is gone: nothing more is written to them. */
  private endTracking(): void {
    for (const ts of this.posted) if (ts !== undefined) this.tools.running.end(this.channel, ts);
  }

  private track(ts: string, view: ReplyView): void {
    const { running } = this.tools;
    if (recordState(view) === 'running') running.begin(this.channel, ts);
    else running.end(this.channel, ts);
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
