import type { Engine, GenerateEvent, GenerateRequest, Segment } from '#libs/engine';

type Answer = AsyncIterable<GenerateEvent>;
/** Turns the answer that the model gives into the one that is heard. */
type Direction = (own: Answer, signal: AbortSignal | undefined) => Answer;

/**
 * The embedded model, whose next answers a story may direct: have it pause, or say what it would never say by itself.
 * Undirected, it answers as it does for everybody.
 */
export class DirectedModel implements Engine {
  /** Every request that reached the model, also those it refused for want of an image. */
  readonly requests: GenerateRequest[] = [];
  /** What it was asked, as text, with `<image>` for images and without the template's beginning. */
  readonly prompts: string[] = [];
  /** How many answers were cancelled while they were given. */
  cancelled = 0;
  /** What the model says of itself. */
  manifest: Engine['manifest'];
  readonly limits;
  private readonly directions: Direction[] = [];

  constructor(private readonly own: Engine) {
    this.manifest = own.manifest;
    this.limits = own.limits;
  }

  /** The next answer pauses after its first words, until it is told to go on. */
  pause(): Pause {
    const pause = new Pause();
    this.directions.push((own, signal) => pause.within(own, signal));
    return pause;
  }

  /** The next question waits behind so many others. */
  queueBehind(others: number): Pause {
    const pause = new Pause();
    this.directions.push((own, signal) => pause.before(own, others, signal));
    return pause;
  }

  /** The next answer is what the story says. */
  speak(): Speech {
    const speech = new Speech();
    this.directions.push((own, signal) => speech.insteadOf(own, signal));
    return speech;
  }

  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    this.requests.push(request);
    const own = this.own.generate(request, signal)[Symbol.asyncIterator]();
    // An image that has to be sent is asked for before the first event, and the question then comes again.
    const first = await own.next();
    this.prompts.push(textOf(request.segments));
    const direction = this.directions.shift();
    const answer = resumed(first, own);
    try {
      yield* direction ? direction(answer, signal) : answer;
    } finally {
      if (signal?.aborted) this.cancelled += 1;
      await own.return?.();
    }
  }

  encodeImage: Engine['encodeImage'] = (bytes, signal) => this.own.encodeImage(bytes, signal);
  countTokens: Engine['countTokens'] = (segments) => this.own.countTokens(segments);

  /** The embedded model goes on: other stories use it too. */
  async close(): Promise<void> {}
}

/** A point at which an answer waits. */
export class Pause {
  private goOn!: () => void;
  private readonly over = new Promise<void>((resolve) => {
    this.goOn = resolve;
  });

  end(): void {
    this.goOn();
  }

  async *within(own: Answer, signal: AbortSignal | undefined): Answer {
    let words = 0;
    for await (const event of own) {
      yield event;
      if (event.kind === 'delta' && ++words === 3) await orAborted(this.over, signal);
    }
  }

  async *before(own: Answer, position: number, signal: AbortSignal | undefined): Answer {
    yield { kind: 'queued', position };
    await orAborted(this.over, signal);
    for await (const event of own) if (event.kind !== 'queued') yield event;
  }
}

/** Words that a story puts into the model's mouth, piece by piece. */
export class Speech {
  private readonly pieces: string[] = [];
  private ended = false;
  private changed = () => {};

  say(...pieces: string[]): this {
    this.pieces.push(...pieces);
    this.changed();
    return this;
  }

  end(): void {
    this.ended = true;
    this.changed();
  }

  async *insteadOf(own: Answer, signal: AbortSignal | undefined): Answer {
    for (;;) {
      const text = this.pieces.shift();
      if (text !== undefined) yield { kind: 'delta', text, tokenIds: [0] };
      else if (this.ended) break;
      else await orAborted(this.change(), signal);
    }
    for await (const event of own) if (event.kind === 'finish') yield event;
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.changed = resolve;
    });
  }
}

async function* resumed(
  first: IteratorResult<GenerateEvent>,
  rest: AsyncIterator<GenerateEvent>,
): AsyncGenerator<GenerateEvent> {
  for (let next = first; !next.done; next = await rest.next()) yield next.value;
}

async function orAborted(over: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([over, aborted]);
  signal?.throwIfAborted();
}

function textOf(segments: readonly Segment[]): string {
  const text = segments.map((segment) => (segment.kind === 'text' ? segment.text : '<image>')).join('');
  return text.slice(text.indexOf('Human:'));
}
