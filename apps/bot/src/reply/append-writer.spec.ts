import { type AppendSink, type ReplyEnding, ReplyGoneError } from '../contract/index.js';
import { AppendWriter } from './append-writer.js';

/** A stream of the platform's own. */
class Stream implements AppendSink {
  readonly kind = 'append';
  readonly statuses: string[] = [];
  readonly pieces: string[] = [];
  endings: ReplyEnding[] = [];
  failures: Error[] = [];

  constructor(readonly maxLength = 100) {}

  interval(): number {
    return 0;
  }

  async showStatus(status: string): Promise<void> {
    this.statuses.push(status);
  }

  async append(piece: string, whole: string): Promise<void> {
    const failure = this.failures.shift();
    if (failure) throw failure;
    this.pieces.push(piece);
    expect(whole).toBe(this.pieces.join(''));
  }

  async finish(ending: ReplyEnding): Promise<void> {
    this.endings.push(ending);
  }
}

const done = { state: 'done', notes: [], actions: [] } as const;

describe('writing a reply into a stream', () => {
  it('says what is happening, appends the text and ends once', async () => {
    const stream = new Stream();
    const writer = new AppendWriter(stream);
    writer.showStatus('Looking…');
    await new Promise((resolve) => setImmediate(resolve));
    writer.write('It is ');
    writer.write('a cat.');
    await writer.finish(done);
    expect(stream.statuses).toEqual(['Looking…']);
    expect(stream.pieces.join('')).toBe('It is a cat.');
    expect(stream.endings).toEqual([done]);
  });

  it('keeps pieces within the length, and pairs of code units together', async () => {
    const stream = new Stream(5);
    const writer = new AppendWriter(stream);
    writer.write('ab🐱cd🐱ef🐱🐱🐱');
    await writer.finish(done);
    expect(stream.pieces.every((piece) => piece.length <= 5)).toBe(true);
    expect(stream.pieces.every((piece) => Buffer.from(piece).toString() === piece)).toBe(true);
    expect(stream.pieces.join('')).toBe('ab🐱cd🐱ef🐱🐱🐱');
  });

  it('sends again what a failed append did not deliver', async () => {
    const stream = new Stream();
    stream.failures = [new Error('The network is away.')];
    const writer = new AppendWriter(stream);
    writer.write('It is a cat.');
    await writer.finish(done);
    expect(stream.pieces.join('')).toBe('It is a cat.');
  });

  it('ends the answer when the reader stopped the stream', async () => {
    const stream = new Stream();
    stream.failures = [new ReplyGoneError('Stopped by the reader.')];
    const writer = new AppendWriter(stream);
    writer.write('It is');
    await writer.finish(done);
    expect(writer.gone.aborted).toBe(true);
    expect(stream.endings).toEqual([]);
  });
});
