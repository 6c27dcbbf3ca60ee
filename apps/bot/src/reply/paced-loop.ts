import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs a step again and again while there is something to do: never two at once, with a pause after each.
 * Requests that come in between are answered by one step together.
 */
export class PacedLoop {
  private wanted = false;
  private running: Promise<void> | undefined;
  private endOfLastStep = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly step: () => Promise<void>,
    /** Milliseconds between the end of one step and the start of the next. */
    private readonly pause: () => number,
  ) {}

  /** Asks for a step. Resolves when no step is wanted any more; rejects when a step failed. */
  request(): Promise<void> {
    this.wanted = true;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async run(): Promise<void> {
    while (this.wanted) {
      const wait = this.endOfLastStep + this.pause() - performance.now();
      if (wait > 0) await sleep(wait);
      this.wanted = false;
      try {
        await this.step();
      } finally {
        this.endOfLastStep = performance.now();
      }
    }
  }
}
