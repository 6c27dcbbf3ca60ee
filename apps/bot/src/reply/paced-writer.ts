import { type ReplyEnding, ReplyGoneError, type ReplySink } from '../contract/index.js';
import { PacedLoop } from './paced-loop.js';
import type { ReplyWriter } from './reply-writer.js';

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

  thinking(status: string): void {
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
  protected async watched(call: Promise<void>): Promise<void> {
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
