import type { Logger } from '@nestjs/common';

/** Counts what Slack delivers and cannot be read, and says so once for each kind, without what it holds. */
export class UnreadableItems {
  private readonly said = new Set<string>();

  /** @param count told of every item that is left out */
  constructor(
    private readonly logger: Logger,
    private readonly count: () => void,
  ) {}

  /** @param leftOut each by its kind and the field that is wrong, such as "file: id, not string" */
  report(leftOut: readonly string[]): void {
    for (const what of leftOut) {
      this.count();
      if (this.said.has(what)) continue;
      this.said.add(what);
      this.logger.warn(`Slack sent what cannot be read and is left out (${what}).`);
    }
  }
}
