import { Inject, Injectable } from '@nestjs/common';
import { RunningReplies } from './running-replies.js';
/** People should see words come, and Slack asks for no more than about one message or edit per second in a channel. */
export const minIntervalMs = 1_000;
/** chat.update is tier 3: 50 calls per minute and workspace. */
const editsPerMinute = 50;
/** At least this many are kept for the last edits of answers, and one for each that is being written. */
const minKept = 10;
const minuteMs = 60_000;

/** How fast replies may be edited: per channel, within the workspace's budget, and after a Retry-After. */
@Injectable()
export class EditPace {
  private readonly lastShown = new Map<string, number>();
  private readonly recentEdits: number[] = [];
  private blockedUntil = 0;

  constructor(@Inject(RunningReplies) private readonly running: Pick<RunningReplies, 'count'>) {}

  /** Milliseconds until an edit in this channel may be made. */
  interval(channel: string, now = Date.now()): number {
    const nextInChannel = (this.lastShown.get(channel) ?? 0) + minIntervalMs;
    return Math.max(0, nextInChannel - now, this.budgetFreeAt(now) - now, this.blockedUntil - now);
  }

  noteEdit(channel: string, now = Date.now()): void {
    this.recentEdits.push(now);
    this.notePost(channel, now);
  }

  notePost(channel: string, now = Date.now()): void {
    this.lastShown.set(channel, now);
    if (this.lastShown.size > 1_000) this.forgetIdleChannels(now);
  }

  noteRefusal(retryAfterSeconds: number, now = Date.now()): void {
    this.blockedUntil = Math.max(this.blockedUntil, now + retryAfterSeconds * 1_000);
  }

  private budgetFreeAt(now: number): number {
    while (this.recentEdits[0] !== undefined && this.recentEdits[0] <= now - minuteMs)
      this.recentEdits.shift();
    const budget = editsPerMinute - Math.max(minKept, this.running.count);
    if (budget <= 0) return now + minuteMs;
    const oldestOfFullBudget = this.recentEdits.at(-budget);
    return oldestOfFullBudget === undefined ? 0 : oldestOfFullBudget + minuteMs;
  }

  private forgetIdleChannels(now: number): void {
    for (const [channel, at] of this.lastShown) if (at < now - minuteMs) this.lastShown.delete(channel);
  }
}
