import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { CodedError } from '#libs/errors';

/** The server is shutting down: it takes no further requests, and those over the time limit end. */
export class DrainingError extends CodedError {
  constructor() {
    super('draining', 'The model server is shutting down. Try again in a moment.');
  }
}

/** A request at work. Disposing it says that it has ended. */
export interface RunningRequest extends Disposable {
  /** Aborted when the caller is gone, or when the server cannot wait any longer while it drains. */
  readonly signal: AbortSignal;
}

/** For aborted requests to notice; nothing waits for one that does not. */
const secondsToAbort = 0.5;

/** Knows which requests run, so that the server can let them finish before it stops. */
@Injectable()
export class RunningRequests {
  private readonly running = new Set<AbortController>();
  private isDraining = false;
  private onIdle = () => {};

  get count(): number {
    return this.running.size;
  }

  get draining(): boolean {
    return this.isDraining;
  }

  /**
   * @param callerGone aborted when nobody waits for the answer any more
   * @throws DrainingError
   */
  begin(callerGone: AbortSignal): RunningRequest {
    if (this.isDraining) throw new DrainingError();
    const controller = new AbortController();
    const abort = () => controller.abort(callerGone.reason);
    callerGone.addEventListener('abort', abort, { once: true });
    if (callerGone.aborted) abort();
    this.running.add(controller);
    return {
      signal: controller.signal,
      [Symbol.dispose]: () => {
        callerGone.removeEventListener('abort', abort);
        this.running.delete(controller);
        if (this.running.size === 0) this.onIdle();
      },
    };
  }

  /** Takes no further requests, and resolves when the running ones have ended: by themselves, or by the limit. */
  async drain(limitSeconds: number): Promise<void> {
    this.isDraining = true;
    if (this.running.size === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.onIdle = resolve;
    });
    const inTime = new AbortController();
    const over = async () => {
      await sleep(limitSeconds * 1_000, undefined, inTime);
      for (const controller of this.running) controller.abort(new DrainingError());
      await sleep(secondsToAbort * 1_000, undefined, inTime);
    };
    await Promise.race([idle, over()]);
    inTime.abort();
  }
}
