import { setTimeout as delay } from 'node:timers/promises';

/** Waits for updates of messages, which platforms tell some time after the message. */
export class MessageUpdates {
  private readonly waiting = new Map<string, () => void>();

  /** A message has changed. */
  announce(message: string): void {
    this.waiting.get(message)?.();
  }

  /** Resolves when the message has changed, when `ms` are over, or when `signal` says so: whatever comes first. */
  async waitFor(message: string, ms: number, signal: AbortSignal): Promise<void> {
    const changed = new AbortController();
    this.waiting.set(message, () => changed.abort());
    await delay(ms, undefined, { signal: AbortSignal.any([signal, changed.signal]) }).catch(() => {});
    this.waiting.delete(message);
  }
}
