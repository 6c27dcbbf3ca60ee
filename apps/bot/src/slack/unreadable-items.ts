import type { Logger } from '@nestjs/common';

/** Counts what Slack delivers and cannot be read, and says so once for each kind, without what it holds. */
export class UnreadableItems {
  private readonly counts = new Map<string, number>();

  constructor(private readonly logger: Logger) {}

  /** @param leftOut each by its kind and the field that is wrong, such as "file: id, not string" */
  report(leftOut: readonly string[]): void {
    for (const what of leftOut) {
      const count = (this.counts.get(what) ?? 0) + 1;
      this.counts.set(what, count);
      if (count === 1) this.logger.warn(`Slack sent what cannot be read and is left out (${what}).`);
    }
  }

  /** How many of each kind were left out so far. */
  count(what: string): number {
    return this.counts.get(what) ?? 0;
  }
}
