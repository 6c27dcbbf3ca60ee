import { type AppendSink, type ReplyEnding, ReplyGoneError } from '../chat/index.js';
import { PacedLoop } from './paced-loop.js';
import type { ReplyWriter } from './reply-writer.js';

/** Writes a reply into a stream of the platform's own. */
export class AppendWriter implements ReplyWriter {
  readonly #gone = new AbortController();
  readonly gone = this.#gone.signal;
  readonly #loop: PacedLoop;
  #text = '';
  #sent = 0;
  #status: string | undefined;
  #shownStatus: string | undefined;

  constructor(private readonly sink: AppendSink) {
    this.#loop = new PacedLoop(
      () => this.#send(),
      () => sink.interval(),
    );
  }

  thinking(status: string): void {
    this.#status = status;
    this.#update();
  }

  write(piece: string): void {
    this.#text += piece;
    this.#update();
  }

  async finish(ending: ReplyEnding): Promise<void> {
    // A failed append on the way says nothing about the last one, which is tried for its own sake.
    await this.#loop.request().catch(() => this.#loop.request());
    if (!this.gone.aborted) await this.#watched(this.sink.finish(ending));
  }

  #update(): void {
    // Nothing is lost by a failed append: what was not sent goes out with the next one.
    this.#loop.request().catch(() => {});
  }

  async #send(): Promise<void> {
    if (this.gone.aborted) return;
    if (this.#text === '' && this.#status !== undefined && this.#status !== this.#shownStatus) {
      const status = this.#status;
      await this.#watched(this.sink.thinking(status));
      this.#shownStatus = status;
    }
    while (this.#sent < this.#text.length && !this.gone.aborted) {
      const end = this.#pieceEnd();
      await this.#watched(this.sink.append(this.#text.slice(this.#sent, end), this.#text.slice(0, end)));
      this.#sent = end;
    }
  }

  /** Where the next piece ends: never inside a surrogate pair. */
  #pieceEnd(): number {
    const end = Math.min(this.#text.length, this.#sent + this.sink.maxLength);
    const splitsPair = end < this.#text.length && this.#text.codePointAt(end - 1)! > 0xffff;
    return splitsPair ? end - 1 : end;
  }

  async #watched(call: Promise<void>): Promise<void> {
    try {
      await call;
    } catch (error) {
      if (error instanceof ReplyGoneError) this.#gone.abort(error);
      else throw error;
    }
  }
}
