const tickMs = 50;

/**
 * Time as this process lives it: what a busy machine keeps it waiting does not count. The few seconds that platforms
 * give an app are measured on it, so that only an app that is slow by itself misses them.
 */
export class LivedTime {
  private lived = 0;
  private lastTick = performance.now();
  private readonly ticks = setInterval(() => this.tick(), tickMs).unref();

  /** Milliseconds since the start. */
  now(): number {
    return this.lived + Math.min(tickMs, performance.now() - this.lastTick);
  }

  close(): void {
    clearInterval(this.ticks);
  }

  private tick(): void {
    this.lived = this.now();
    this.lastTick = performance.now();
  }
}
