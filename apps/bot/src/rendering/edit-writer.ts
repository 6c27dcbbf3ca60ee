import { type EditSink, type ReplyEnding, ReplyGoneError, type ReplyView } from '../chat/index.js';
import { closeMarkdown, healingRoom, healMarkdown } from './heal-markdown.js';
import { PacedLoop } from './paced-loop.js';
import type { ReplyWriter } from './reply-writer.js';
import { splitIntoMessages } from './split-messages.js';

/** Writes a reply as messages that are edited while they grow. */
export class EditWriter implements ReplyWriter {
  readonly #gone = new AbortController();
  readonly gone = this.#gone.signal;
  readonly #loop: PacedLoop;
  #text = '';
  #status: string | undefined;
  #ending: ReplyEnding | undefined;
  /** What the platform shows, message by message. */
  #shown: ReplyView[] = [];

  constructor(private readonly sink: EditSink) {
    this.#loop = new PacedLoop(
      () => this.#show(),
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
    this.#ending = ending;
    // An edit that failed on the way says nothing about the last one, which is tried for its own sake.
    await this.#loop.request().catch(() => this.#loop.request());
  }

  #update(): void {
    // A failed edit in between is made up for by the next one, which shows everything.
    this.#loop.request().catch(() => {});
  }

  async #show(): Promise<void> {
    for (const [index, view] of this.#views().entries()) {
      if (this.gone.aborted) return;
      if (sameView(view, this.#shown[index])) continue;
      try {
        await this.sink.show(index, view);
        this.#shown[index] = view;
      } catch (error) {
        if (error instanceof ReplyGoneError) this.#gone.abort(error);
        else throw error;
      }
    }
  }

  /** The reply as it should look now: earlier messages hold text alone, the last one everything else too. */
  #views(): ReplyView[] {
    const texts = splitIntoMessages(this.#text, this.sink.maxLength - healingRoom);
    const last = texts.pop() ?? '';
    return [...texts.map(textOnly), this.#lastView(last)];
  }

  #lastView(text: string): ReplyView {
    if (this.#ending) return { ...this.#ending, text: closeMarkdown(text) };
    const healed = healMarkdown(text);
    return healed === ''
      ? { state: 'thinking', text: '', status: this.#status, notes: [], actions: ['stop'] }
      : { state: 'streaming', text: healed, notes: [], actions: ['stop'] };
  }
}

function textOnly(text: string): ReplyView {
  return { state: 'done', text: closeMarkdown(text), notes: [], actions: [] };
}

function sameView(view: ReplyView, shown: ReplyView | undefined): boolean {
  return (
    shown !== undefined &&
    view.state === shown.state &&
    view.text === shown.text &&
    view.status === shown.status &&
    view.notes.join('\n') === shown.notes.join('\n') &&
    view.actions.join() === shown.actions.join()
  );
}
