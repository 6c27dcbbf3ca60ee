import { setTimeout as sleep } from 'node:timers/promises';
import { type ReplyEnding, ReplyGoneError, type ReplySink } from '../contract/index.js';

/** Takes an answer as fast as the model writes it, and shows it as fast as the platform accepts it. */
export interface ReplyWriter {
  /** Aborted when the reply can go nowhere any more; the answer is then cancelled. */
  readonly gone: AbortSignal;
  /** Says what is happening before the first text. */
  showStatus(status: string): void;
  /** Adds text. */
  write(piece: string): void;
  /** Shows what is left, and how it ended. Resolves when the platform has accepted it, or the reply is gone. */
  finish(ending: ReplyEnding): Promise<void>;
}

/** Takes text and status at any time, and has them shown at the pace of the platform. */
export abstract class PacedWriter implements ReplyWriter {
  private readonly goneController = new AbortController();
  readonly gone = this.goneController.signal;
  private readonly loop: PacedLoop;
  protected text = '';
  protected status: string | undefined;

  constructor(sink: ReplySink) {
    this.loop = new PacedLoop(
      () => this.show(),
      () => sink.interval(),
    );
  }

  showStatus(status: string): void {
    this.status = status;
    this.update();
  }

  write(piece: string): void {
    this.text += piece;
    this.update();
  }

  abstract finish(ending: ReplyEnding): Promise<void>;

  /** Shows what is new. A failure on the way is made up for by the next call, which shows everything. */
  protected abstract show(): Promise<void>;

  /** Shows what is left. A failed call on the way says nothing about the last one, which is tried for its own sake. */
  protected async showRest(): Promise<void> {
    await this.loop.request().catch(() => this.loop.request());
  }

  /** Awaits a call to the platform; resolves without a result when the reply is gone, which ends the answer. */
  protected async attempt(call: Promise<void>): Promise<void> {
    try {
      await call;
    } catch (error) {
      if (error instanceof ReplyGoneError) this.goneController.abort(error);
      else throw error;
    }
  }

  private update(): void {
    this.loop.request().catch(() => {});
  }
}

/**
 * Runs a step again and again while there is something to do: never two at once, with a pause after each.
 * Requests that come in between are answered by one step together.
 */
class PacedLoop {
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
