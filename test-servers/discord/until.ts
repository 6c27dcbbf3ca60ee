interface Waiter {
  check(): void;
}

/** Lets tests wait for something to become true, without polling. */
export class Changes {
  private readonly waiters = new Set<Waiter>();

  happened(): void {
    for (const waiter of [...this.waiters]) waiter.check();
  }

  async until<T>(
    condition: () => T | undefined | false | null,
    timeoutMs: number,
    failure: () => Error,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiters.delete(waiter);
        reject(failure());
      }, timeoutMs);
      const waiter = {
        check: () => {
          try {
            const value = condition();
            if (value === undefined || value === false || value === null) return;
            resolve(value);
          } catch (error) {
            reject(error);
          }
          clearTimeout(timer);
          this.waiters.delete(waiter);
        },
      };
      this.waiters.add(waiter);
      waiter.check();
    });
  }
}
