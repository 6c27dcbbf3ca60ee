import type { AppendSink, ReplyEnding } from '../contract/index.js';
import { PacedWriter } from './paced-writer.js';

/** Writes a reply into a stream of the platform's own. */
export class AppendWriter extends PacedWriter {
  private sent = 0;
  private shownStatus: string | undefined;

  constructor(private readonly sink: AppendSink) {
    super(sink);
  }

  async finish(ending: ReplyEnding): Promise<void> {
    await this.showRest();
    if (!this.gone.aborted) await this.attempt(this.sink.finish(ending));
  }

  protected async show(): Promise<void> {
    if (this.gone.aborted) return;
    const { status, text } = this;
    if (text === '' && status !== undefined && status !== this.shownStatus) {
      await this.attempt(this.sink.showStatus(status));
      this.shownStatus = status;
    }
    while (this.sent < this.text.length && !this.gone.aborted) {
      const end = this.pieceEnd();
      await this.attempt(this.sink.append(this.text.slice(this.sent, end), this.text.slice(0, end)));
      this.sent = end;
    }
  }

  /** Where the next piece ends: never inside a surrogate pair. */
  private pieceEnd(): number {
    const end = Math.min(this.text.length, this.sent + this.sink.maxLength);
    const splitsPair = end < this.text.length && this.text.codePointAt(end - 1)! > 0xffff;
    return splitsPair ? end - 1 : end;
  }
}
