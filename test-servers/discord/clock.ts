import { LivedTime } from '../time/lived-time.js';

/**
 * The server's time: real time plus what a test has skipped. Tokens, signed links and the age of messages are
 * measured on it, so a test can stand fifteen minutes later at once. Rate-limit windows run on real time,
 * because discord.js waits for them in real time.
 */
export class Clock {
  private skippedMs = 0;
  private readonly livedTime = new LivedTime();

  now(): number {
    return Date.now() + this.skippedMs;
  }

  /** For the seconds that the bot has to answer: what a busy machine keeps this process waiting does not count. */
  lived(): number {
    return this.livedTime.now() + this.skippedMs;
  }

  close(): void {
    this.livedTime.close();
  }

  /** Lets `ms` milliseconds pass at once. */
  advance(ms: number): void {
    this.skippedMs += ms;
  }
}

/** Milliseconds between 1970 and Discord's own epoch, 2015-01-01 (Discord docs, Snowflakes). */
const DISCORD_EPOCH = 1_420_070_400_000n;

/** Makes ids that sort by time, as Discord's do (Discord docs, Snowflakes: 42 bits of time, 22 of counter). */
export class SnowflakeSource {
  private increment = 0n;

  constructor(private readonly clock: Clock) {}

  next(): string {
    this.increment = (this.increment + 1n) & 0x3fffffn;
    return (((BigInt(this.clock.now()) - DISCORD_EPOCH) << 22n) | this.increment).toString();
  }
}
