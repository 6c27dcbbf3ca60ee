import type { EditSink, ReplyEnding, ReplyView } from '../contract/index.js';
import { closeMarkdown, healingRoom, healMarkdown } from './heal-markdown.js';
import { PacedWriter } from './paced-writer.js';
import { splitIntoMessages } from './split-messages.js';

/** Writes a reply as messages that are edited while they grow. */
export class EditWriter extends PacedWriter {
  private ending: ReplyEnding | undefined;
  /** What the platform shows, message by message. */
  private shown: ReplyView[] = [];

  constructor(private readonly sink: EditSink) {
    super(sink);
  }

  async finish(ending: ReplyEnding): Promise<void> {
    this.ending = ending;
    await this.showRest();
  }

  protected async show(): Promise<void> {
    for (const [index, view] of this.views().entries()) {
      if (this.gone.aborted) return;
      if (sameView(view, this.shown[index])) continue;
      await this.attempt(this.sink.show(index, view));
      this.shown[index] = view;
    }
  }

  /** The reply as it should look now: earlier messages hold text alone, the last one everything else too. */
  private views(): ReplyView[] {
    const texts = splitIntoMessages(this.text, this.sink.maxLength - healingRoom);
    const last = texts.pop() ?? '';
    return [...texts.map(textOnly), this.lastView(last)];
  }

  private lastView(text: string): ReplyView {
    if (this.ending) return { ...this.ending, text: closeMarkdown(text) };
    const healed = healMarkdown(text);
    return healed === ''
      ? { state: 'thinking', text: '', status: this.status, notes: [], actions: ['stop'] }
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
