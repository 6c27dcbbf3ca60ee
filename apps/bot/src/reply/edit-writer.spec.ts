import { type EditSink, ReplyGoneError, type ReplyView } from '../contract/index.js';
import { EditWriter } from './edit-writer.js';

/** A platform that accepts an edit when the test says so, and keeps what it shows. */
class Platform implements EditSink {
  readonly kind = 'edit';
  readonly messages: ReplyView[] = [];
  readonly shown: ReplyView[] = [];
  atOnce = 0;
  mostAtOnce = 0;
  failures: Error[] = [];

  constructor(readonly maxLength = 2_000) {}

  interval(): number {
    return 0;
  }

  async show(index: number, view: ReplyView): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    await new Promise((resolve) => setImmediate(resolve));
    this.atOnce--;
    const failure = this.failures.shift();
    if (failure) throw failure;
    this.messages[index] = view;
    this.shown.push(view);
  }
}

const done = { state: 'done', notes: [], actions: ['regenerate'] } as const;

describe('writing a reply as messages that are edited', () => {
  it('shows the status first, then the text, then how it ended', async () => {
    const platform = new Platform();
    const writer = new EditWriter(platform);
    writer.showStatus('Looking…');
    await settled(platform);
    writer.write('It is');
    await settled(platform);
    writer.write(' a cat.');
    await settled(platform);
    await writer.finish({ ...done, notes: ['3 s'] });
    expect(platform.shown.map(({ state, text, status }) => [state, text, status])).toEqual([
      ['thinking', '', 'Looking…'],
      ['streaming', 'It is', undefined],
      ['streaming', 'It is a cat.', undefined],
      ['done', 'It is a cat.', undefined],
    ]);
    expect(platform.messages[0]).toMatchObject({ notes: ['3 s'], actions: ['regenerate'] });
  });

  it('never sends two edits at once, and joins what comes in between', async () => {
    const platform = new Platform();
    const writer = new EditWriter(platform);
    for (const piece of 'one two three four five six'.split(/(?= )/)) writer.write(piece);
    await writer.finish(done);
    expect(platform.mostAtOnce).toBe(1);
    expect(platform.shown.length).toBeLessThan(6);
    expect(platform.messages[0]?.text).toBe('one two three four five six');
  });

  it('goes on in further messages, and edits earlier ones no more', async () => {
    const platform = new Platform(100);
    const writer = new EditWriter(platform);
    for (let sentence = 0; sentence < 12; sentence++) {
      writer.write(`Sentence number ${sentence} is here. `);
      await settled(platform);
    }
    await writer.finish(done);
    expect(platform.messages.length).toBeGreaterThan(3);
    expect(platform.messages.every(({ text }) => text.length <= 100)).toBe(true);
    expect(platform.messages.map(({ actions }) => actions.length)).toEqual([
      ...platform.messages.slice(1).map(() => 0),
      1,
    ]);
    expect(platform.messages.map(({ text }) => text).join(' ')).toBe(
      Array.from({ length: 12 }, (_, sentence) => `Sentence number ${sentence} is here.`).join(' '),
    );
  });

  it('makes up for an edit that failed', async () => {
    const platform = new Platform();
    platform.failures = [new Error('The network is away.')];
    const writer = new EditWriter(platform);
    writer.write('It is a cat.');
    await writer.finish(done);
    expect(platform.messages[0]).toMatchObject({ state: 'done', text: 'It is a cat.' });
  });

  it('says so when the last edit cannot be made', async () => {
    const platform = new Platform();
    platform.failures = [new Error('Down.'), new Error('Still down.'), new Error('Still down.')];
    const writer = new EditWriter(platform);
    await expect(writer.finish(done)).rejects.toThrow('down');
  });

  it('ends the answer when the message was deleted', async () => {
    const platform = new Platform();
    platform.failures = [new ReplyGoneError('Deleted.')];
    const writer = new EditWriter(platform);
    writer.write('It is');
    await writer.finish(done);
    expect(writer.gone.aborted).toBe(true);
    expect(platform.shown).toEqual([]);
  });
});

async function settled(platform: Platform): Promise<void> {
  for (let turn = 0; turn < 5 || platform.atOnce > 0; turn++)
    await new Promise((resolve) => setImmediate(resolve));
}
