/** Passes values from callbacks to one `for await` loop, in order, without losing any. */
export class EventQueue<T> {
  private readonly values: T[] = [];
  private failure?: { readonly reason: unknown };
  private wakeReader?: () => void;

  push(value: T): void {
    this.values.push(value);
    this.wakeReader?.();
  }

  /** Ends the reading with an error, ahead of values that were not read yet. */
  fail(reason: unknown): void {
    this.failure ??= { reason };
    this.wakeReader?.();
  }

  /** The next value, as soon as there is one. @throws what {@link fail} was given */
  async next(): Promise<T> {
    while (!this.failure && this.values.length === 0) {
      await new Promise<void>((resolve) => {
        this.wakeReader = resolve;
      });
    }
    if (this.failure) throw this.failure.reason;
    return this.values.shift()!;
  }
}
