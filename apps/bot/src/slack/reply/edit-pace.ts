/** People should see words come, and Slack asks for no more than about one message or edit per second in a channel. */
export const shortestIntervalMs = 1_000;
/** chat.update is tier 3: 50 calls per minute and workspace. */
const editsPerMinute = 50;
/** At least this many are kept for the last edits of answers, and one for each that is being written. */
const leastKept = 10;
const minuteMs = 60_000;

/** How fast replies may be edited: per channel, within the workspace's budget, and after a Retry-After. */
export class EditPace {
  private readonly lastShown = new Map<string, number>();
  private readonly recentEdits: number[] = [];
  private blockedUntil = 0;

  /** @param running how many replies are being written now */
  constructor(private readonly running: () => number) {}

  /** Milliseconds until an edit in this channel may be made. */
  wait(channel: string, now = Date.now()): number {
    const nextInChannel = (this.lastShown.get(channel) ?? 0) + shortestIntervalMs;
    return Math.max(0, nextInChannel - now, this.budgetFreeAt(now) - now, this.blockedUntil - now);
  }

  edited(channel: string, now = Date.now()): void {
    this.recentEdits.push(now);
    this.posted(channel, now);
  }

  posted(channel: string, now = Date.now()): void {
    this.lastShown.set(channel, now);
    if (this.lastShown.size > 1_000) this.forgetIdleChannels(now);
  }

  refused(retryAfterSeconds: number, now = Date.now()): void {
    this.blockedUntil = Math.max(this.blockedUntil, now + retryAfterSeconds * 1_000);
  }

  private budgetFreeAt(now: number): number {
    while (this.recentEdits[0] !== undefined && this.recentEdits[0] <= now - minuteMs)
      this.recentEdits.shift();
    const budget = editsPerMinute - Math.max(leastKept, this.running());
    if (budget <= 0) return now + minuteMs;
    const oldestOfFullBudget = this.recentEdits.at(-budget);
    return oldestOfFullBudget === undefined ? 0 : oldestOfFullBudget + minuteMs;
  }

  private forgetIdleChannels(now: number): void {
    for (const [channel, at] of this.lastShown) if (at < now - minuteMs) this.lastShown.delete(channel);
  }
}
