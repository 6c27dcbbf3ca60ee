import { setImmediate as nextTurn } from 'node:timers/promises';

import fc from 'fast-check';

import type { ImageDigest } from '../engine.js';
import { ContextLengthError, EngineError, QueueFullError } from '../errors.js';
import { Sampler } from '../sampling/sampler.js';
import type { EngineObservation, StatisticsListener } from '../statistics.js';
import type { BurstDecoder, BurstInput, DecodeInput, Decoder } from './decoder.js';
import { type ContextToken, Prompt, type PromptPart } from './prompt.js';
import { Scheduler, type SequenceHandle } from './scheduler.js';
import type { SequenceOutcome } from './sequence.js';

const VOCABULARY = 50;
const TOKENS_PER_IMAGE = 3;

/** The token that follows a context: any function that depends on all of it. */
function tokenAfter(context: readonly ContextToken[]): number {
  let hash = 7;
  for (const character of context.join(' ')) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  return hash % VOCABULARY;
}

function oneHot(token: number): Float32Array {
  const logits = new Float32Array(VOCABULARY);
  logits[token] = 1;
  return logits;
}

/** A decoder whose cache remembers what was written, and whose next token depends on every position of its row. */
class RememberingDecoder implements Decoder {
  readonly contents: ContextToken[][];
  runs = 0;
  largestPrefill = 0;
  largestBatch = 0;
  /** Called in the middle of each network run. */
  duringRun: () => void = () => {};

  constructor(
    readonly rows: number,
    readonly capacity: number,
  ) {
    this.contents = Array.from({ length: rows }, () => []);
  }

  async prefill(row: number, prompt: Prompt, start: number, end: number): Promise<Float32Array | undefined> {
    await this.run();
    this.largestPrefill = Math.max(this.largestPrefill, end - start);
    expect(end - start).toBeGreaterThan(Math.min(1, prompt.tokens.length - 1));
    const content = this.contents[row]!;
    expect(content.slice(0, start)).toEqual(prompt.tokens.slice(0, start));
    content.length = start;
    content.push(...prompt.tokens.slice(start, end));
    return end === prompt.tokens.length ? oneHot(tokenAfter(content)) : undefined;
  }

  async decode(firstRow: number, inputs: readonly DecodeInput[]): Promise<readonly Float32Array[]> {
    await this.run();
    this.largestBatch = Math.max(this.largestBatch, inputs.length);
    return inputs.map(({ tokenId, position }, index) => {
      const content = this.contents[firstRow + index]!;
      expect(position).toBeLessThan(this.capacity);
      expect(content.length).toBeGreaterThanOrEqual(position);
      content.length = position;
      content.push(tokenId);
      return oneHot(tokenAfter(content));
    });
  }

  copyRow(from: number, to: number, positions: number): void {
    this.contents[to] = this.contents[from]!.slice(0, positions);
  }

  swapRows(a: number, b: number, positionsOfA: number, positionsOfB: number): void {
    const contentOfA = this.contents[a]!.slice(0, positionsOfA);
    this.contents[a] = this.contents[b]!.slice(0, positionsOfB);
    this.contents[b] = contentOfA;
  }

  protected async run(): Promise<void> {
    this.runs++;
    await nextTurn();
    this.duringRun();
  }
}

/** The same, when it decodes several tokens a run. */
class BurstingDecoder extends RememberingDecoder implements BurstDecoder {
  constructor(
    rows: number,
    capacity: number,
    readonly burstLength: number,
  ) {
    super(rows, capacity);
  }

  async decodeBurst(firstRow: number, inputs: readonly BurstInput[], steps: number) {
    await this.run();
    return inputs.map(({ tokenId, position }, index) => {
      const content = this.contents[firstRow + index]!;
      expect(content.length).toBeGreaterThanOrEqual(position);
      expect(position + steps).toBeLessThanOrEqual(this.capacity);
      content.length = position;
      let last = tokenId;
      return Array.from({ length: steps }, () => {
        content.push(last);
        last = tokenAfter(content);
        return last;
      });
    });
  }
}

const likeliest = { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1, seed: 0 };

let started = 0;

/** What a client of the scheduler saw of one request. */
class Client {
  readonly positions: number[] = [];
  readonly tokens: number[] = [];
  /** Its place among all requests, by their first tokens. */
  startedAs?: number;
  outcome?: SequenceOutcome;
  error?: Error;
  wasCancelled = false;
  private handle?: SequenceHandle;

  constructor(
    private readonly scheduler: Scheduler,
    readonly prompt: Prompt,
    readonly maxNewTokens: number,
    private readonly stopToken = -1,
  ) {}

  submit(preparePrompt = () => Promise.resolve(this.prompt)): this {
    this.handle = this.scheduler.submit({
      promptTokens: this.prompt.tokens.length,
      preparePrompt,
      maxNewTokens: this.maxNewTokens,
      sampler: new Sampler(likeliest),
      listener: {
        onQueued: (position) => {
          this.expectInterest();
          this.positions.push(position);
        },
        onToken: (token) => {
          this.expectInterest();
          this.tokens.push(token);
          this.startedAs ??= started++;
          return token === this.stopToken ? 'stop' : 'continue';
        },
        onFinish: (outcome) => {
          this.expectInterest();
          this.outcome = outcome;
        },
        onError: (error) => {
          this.expectInterest();
          this.error = error;
        },
      },
    });
    return this;
  }

  cancel(): void {
    this.wasCancelled = true;
    this.handle?.cancel();
  }

  /** What the reply is when nothing else runs. */
  get expectedTokens(): number[] {
    const context = [...this.prompt.tokens];
    const tokens: number[] = [];
    while (tokens.length < this.maxNewTokens && tokens.at(-1) !== this.stopToken) {
      const token = tokenAfter(context);
      tokens.push(token);
      context.push(token);
    }
    return tokens;
  }

  private expectInterest(): void {
    expect(this.wasCancelled || this.outcome !== undefined || this.error !== undefined).toBe(false);
  }
}

function textPrompt(...tokenIds: number[]): Prompt {
  return new Prompt([{ kind: 'text', tokenIds }], TOKENS_PER_IMAGE);
}

function promptOfLength(length: number, first = 1): Prompt {
  return textPrompt(...Array.from({ length }, (_, index) => first + index));
}

const silent: StatisticsListener = { onGauges: () => {}, onObservation: () => {} };

function makeScheduler({
  rows = 2,
  capacity = 40,
  queueLimit = 100,
  prefillChunk = 8,
  prefillPauseSeconds = Infinity,
  statistics = silent,
  burstLength = 0,
} = {}) {
  const decoder =
    burstLength > 0
      ? new BurstingDecoder(rows, capacity, burstLength)
      : new RememberingDecoder(rows, capacity);
  const scheduler = new Scheduler(
    decoder,
    { queueLimit, prefillChunk, prefillPauseSeconds },
    statistics,
    () => {},
  );
  const client = (prompt: Prompt, maxNewTokens = 5, stopToken?: number) =>
    new Client(scheduler, prompt, maxNewTokens, stopToken);
  return { decoder, scheduler, client };
}

async function step(scheduler: Scheduler): Promise<boolean> {
  await nextTurn();
  return scheduler.step();
}

async function drain(scheduler: Scheduler): Promise<number> {
  let steps = 0;
  while (await step(scheduler)) steps++;
  return steps;
}

describe('Scheduler', () => {
  it('gives every request the reply it would have alone', async () => {
    const { scheduler, client } = makeScheduler({ rows: 3 });
    const clients = [
      client(promptOfLength(20), 7),
      client(promptOfLength(1), 3),
      client(textPrompt(4, 4), 9),
    ];
    for (const each of clients) each.submit();
    await drain(scheduler);
    for (const each of clients) expect(each.tokens).toEqual(each.expectedTokens);
    expect(clients.map(({ outcome }) => outcome?.reason)).toEqual(['length', 'length', 'length']);
  });

  it('ends a reply when its listener says so', async () => {
    const { scheduler, client } = makeScheduler();
    const [, second] = client(promptOfLength(4)).expectedTokens;
    const stopped = client(promptOfLength(4), 5, second).submit();
    await drain(scheduler);
    expect(stopped.tokens).toHaveLength(2);
    expect(stopped.outcome).toMatchObject({ reason: 'stop', promptTokens: 4, completionTokens: 2 });
  });

  it('decodes all running replies in one network run', async () => {
    const { decoder, scheduler, client } = makeScheduler({ rows: 4 });
    for (let first = 1; first <= 4; first++) client(promptOfLength(2, first), 10).submit();
    await drain(scheduler);
    expect(decoder.largestBatch).toBe(4);
    expect(decoder.runs).toBe(4 + 9);
  });

  it('computes a long prompt in pieces while running replies go on', async () => {
    const { decoder, scheduler, client } = makeScheduler({ prefillChunk: 4 });
    const running = client(promptOfLength(2), 30).submit();
    await step(scheduler);
    const long = client(promptOfLength(20, 9), 1).submit();
    const before = running.tokens.length;
    while (!long.outcome) await step(scheduler);
    expect(decoder.largestPrefill).toBe(4);
    expect(running.tokens.length - before).toBe(5);
  });

  it('takes smaller pieces of a prompt when the machine is too slow for the pause that running replies bear', async () => {
    const { decoder, scheduler, client } = makeScheduler({
      capacity: 200,
      prefillChunk: 64,
      prefillPauseSeconds: 1e-9,
    });
    const first = client(promptOfLength(100), 50).submit();
    await step(scheduler);
    expect(decoder.largestPrefill).toBe(64);
    while (first.tokens.length === 0) await step(scheduler);
    decoder.largestPrefill = 0;
    const second = client(promptOfLength(100, 500), 1).submit();
    while (!second.outcome) await step(scheduler);
    expect(decoder.largestPrefill).toBeLessThanOrEqual(17);
    expect(second.tokens).toEqual(second.expectedTokens);
  });

  it('shares one step between the last piece of a prompt and the next prompts', async () => {
    const { scheduler, client } = makeScheduler({ rows: 3, prefillChunk: 8 });
    const clients = [2, 3, 3].map((length, index) => client(promptOfLength(length, 10 * index)).submit());
    await step(scheduler);
    expect(clients.map(({ tokens }) => tokens.length)).toEqual([1, 1, 1]);
  });

  it('tells waiting requests how many are ahead of them, whenever it changes', async () => {
    const { scheduler, client } = makeScheduler({ rows: 1 });
    const [first, second, third] = [2, 3, 4].map((length) => client(promptOfLength(length), 2).submit());
    await drain(scheduler);
    expect(first!.positions).toEqual([]);
    expect(second!.positions).toEqual([0]);
    expect(third!.positions).toEqual([1, 0]);
  });

  it('refuses requests beyond the queue limit and says when to come back', async () => {
    const { scheduler, client } = makeScheduler({ rows: 1, queueLimit: 1 });
    client(promptOfLength(2)).submit();
    const waiting = client(promptOfLength(2)).submit();
    const refused = client(promptOfLength(2));
    expect(() => refused.submit()).toThrow(QueueFullError);
    waiting.cancel();
    expect(() => refused.submit()).not.toThrow();
    await drain(scheduler);
    expect(refused.tokens).toEqual(refused.expectedTokens);
  });

  it('refuses a prompt that leaves no room for a token, naming both numbers', () => {
    const { client } = makeScheduler({ capacity: 10 });
    const tooLong = client(promptOfLength(10));
    expect(() => tooLong.submit()).toThrow(ContextLengthError);
    expect(() => tooLong.submit()).toThrow(/takes 10 tokens, but the context holds 10/);
  });

  it('ends a reply with "length" where the context ends', async () => {
    const { scheduler, client } = makeScheduler({ capacity: 10 });
    const long = client(promptOfLength(7), 100).submit();
    await drain(scheduler);
    expect(long.outcome).toMatchObject({ reason: 'length', completionTokens: 3 });
  });

  it('passes by a request whose images are still being encoded', async () => {
    const { scheduler, client } = makeScheduler({ rows: 1 });
    let finishEncoding = (_: Prompt) => {};
    const withImage = client(promptOfLength(3, 20));
    withImage.submit(() => new Promise((resolve) => (finishEncoding = resolve)));
    const text = client(promptOfLength(3)).submit();
    await drain(scheduler);
    expect(text.outcome?.reason).toBe('length');
    expect(withImage.tokens).toEqual([]);

    finishEncoding(withImage.prompt);
    await drain(scheduler);
    expect(withImage.tokens).toEqual(withImage.expectedTokens);
  });

  it('fails a request whose images cannot be encoded, and goes on', async () => {
    const { scheduler, client } = makeScheduler({ rows: 1 });
    const broken = client(promptOfLength(3)).submit(() => Promise.reject(new Error('no picture')));
    const next = client(promptOfLength(3)).submit();
    await drain(scheduler);
    expect(broken.error?.message).toBe('no picture');
    expect(next.tokens).toEqual(next.expectedTokens);
  });

  it('fails the requests of a broken network run and frees their slots', async () => {
    const { decoder, scheduler, client } = makeScheduler({ rows: 1 });
    const broken = client(promptOfLength(3)).submit();
    await step(scheduler);
    decoder.duringRun = () => {
      decoder.duringRun = () => {};
      throw new Error('out of memory');
    };
    await drain(scheduler);
    expect(broken.error).toBeInstanceOf(EngineError);

    const next = client(promptOfLength(3)).submit();
    await drain(scheduler);
    expect(next.tokens).toEqual(next.expectedTokens);
  });

  it('computes only what follows the longest prefix that any slot holds', async () => {
    const observations: EngineObservation[] = [];
    const statistics = { ...silent, onObservation: (o: EngineObservation) => void observations.push(o) };
    const { scheduler, client } = makeScheduler({ rows: 3, statistics });
    const first = client(promptOfLength(10), 4).submit();
    await drain(scheduler);
    const followUp = client(textPrompt(...promptOfLength(10).tokens.map(Number), ...first.tokens, 1, 2), 4);
    followUp.submit();
    await drain(scheduler);

    // The last token of a reply was never fed back, so its key and value are not there.
    expect(followUp.outcome?.cachedPromptTokens).toBe(13);
    expect(followUp.tokens).toEqual(followUp.expectedTokens);
    expect(observations).toContainEqual({ kind: 'prefix-cache', queries: 16, hits: 13 });
  });

  it('computes the end of a prompt again when all of it is held', async () => {
    const { scheduler, client } = makeScheduler();
    client(promptOfLength(10)).submit();
    await drain(scheduler);
    const again = client(promptOfLength(10)).submit();
    await drain(scheduler);
    expect(again.outcome?.cachedPromptTokens).toBe(8);
    expect(again.tokens).toEqual(again.expectedTokens);
  });

  it('takes a common beginning from a reply that is still running', async () => {
    const { scheduler, client } = makeScheduler({ capacity: 80 });
    client(promptOfLength(16), 40).submit();
    await step(scheduler);
    await step(scheduler);
    const sharing = client(textPrompt(...promptOfLength(12).tokens.map(Number), 40, 41), 5).submit();
    await drain(scheduler);
    expect(sharing.outcome?.cachedPromptTokens).toBe(12);
    expect(sharing.tokens).toEqual(sharing.expectedTokens);
  });

  it('tells images of different digests apart', async () => {
    const { scheduler, client } = makeScheduler();
    const about = (name: string) => {
      const digest = `sha256:${name}` as ImageDigest;
      const parts: PromptPart[] = [
        { kind: 'text', tokenIds: [1, 2] },
        { kind: 'image', digest, projection: new Float32Array(TOKENS_PER_IMAGE) },
        { kind: 'text', tokenIds: [3] },
      ];
      return new Prompt(parts, TOKENS_PER_IMAGE);
    };
    client(about('cat')).submit();
    await drain(scheduler);
    const other = client(about('dog')).submit();
    await drain(scheduler);
    const same = client(about('cat')).submit();
    await drain(scheduler);
    expect(other.outcome?.cachedPromptTokens).toBe(2);
    expect(same.outcome?.cachedPromptTokens).toBe(4);
  });

  it('decodes several tokens a run where the decoder does, and drops those after the end of a reply', async () => {
    const { decoder, scheduler, client } = makeScheduler({ rows: 2, burstLength: 4 });
    const [, , third] = client(promptOfLength(4)).expectedTokens;
    const stopped = client(promptOfLength(4), 20, third).submit();
    const long = client(promptOfLength(4, 9), 10).submit();
    await drain(scheduler);
    expect(stopped.tokens).toEqual(stopped.expectedTokens);
    expect(long.tokens).toEqual(long.expectedTokens);
    expect(decoder.runs).toBe(2 + 3);
  });

  it.each([0, 4])(
    'stops a cancelled reply at every point of its life, and harms no other, in bursts of %d',
    async (burstLength) => {
      const options = { rows: 2, prefillChunk: 4, burstLength };
      const lifetime = await (async () => {
        const { decoder, scheduler, client } = makeScheduler(options);
        for (const first of [1, 20, 40]) client(promptOfLength(9, first), 6).submit();
        await drain(scheduler);
        return decoder.runs;
      })();
      for (let victim = 0; victim < 3; victim++) {
        for (let run = 0; run <= lifetime; run++) {
          const { decoder, scheduler, client } = makeScheduler(options);
          const clients = [1, 20, 40].map((first) => client(promptOfLength(9, first), 6).submit());
          const cancelled = clients[victim]!;
          decoder.duringRun = () => {
            if (decoder.runs === run && !cancelled.outcome) cancelled.cancel();
          };
          if (run === 0) cancelled.cancel();
          await drain(scheduler);

          for (const each of clients) {
            if (each.wasCancelled)
              expect(each.expectedTokens.slice(0, each.tokens.length)).toEqual(each.tokens);
            else expect(each.tokens).toEqual(each.expectedTokens);
          }
          expect(scheduler.running + scheduler.queued).toBe(0);
          expect(scheduler.keyValueCacheUsage).toBe(0);
        }
      }
    },
  );

  it('under random arrivals, lengths and cancellations: right replies, in order, without leaks or starvation', async () => {
    const request = fc.record({
      kind: fc.constant('submit' as const),
      prompt: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 16 }),
      maxNewTokens: fc.integer({ min: 1, max: 20 }),
    });
    const cancel = fc.record({ kind: fc.constant('cancel' as const), which: fc.nat() });
    const steps = fc.record({ kind: fc.constant('steps' as const), count: fc.integer({ min: 1, max: 4 }) });
    const settings = fc.record({
      rows: fc.integer({ min: 1, max: 5 }),
      prefillChunk: fc.integer({ min: 2, max: 30 }),
      burstLength: fc.constantFrom(0, 0, 1, 4, 16),
    });
    await fc.assert(
      fc.asyncProperty(
        settings,
        fc.array(fc.oneof({ weight: 3, arbitrary: request }, cancel, steps), {
          minLength: 5,
          maxLength: 40,
          size: 'max',
        }),
        async (options, actions) => {
          const { scheduler, client } = makeScheduler(options);
          const clients: Client[] = [];
          for (const action of actions) {
            switch (action.kind) {
              case 'submit':
                clients.push(client(textPrompt(...action.prompt), action.maxNewTokens).submit());
                break;
              case 'cancel': {
                const chosen = clients[action.which % Math.max(clients.length, 1)];
                if (chosen && !chosen.outcome) chosen.cancel();
                break;
              }
              case 'steps':
                for (let count = 0; count < action.count; count++) await step(scheduler);
            }
          }
          const work = clients.reduce(
            (sum, { prompt, maxNewTokens }) => sum + prompt.tokens.length + maxNewTokens,
            0,
          );
          expect(await drain(scheduler)).toBeLessThanOrEqual(work);

          for (const each of clients) {
            if (each.wasCancelled) continue;
            expect(each.tokens).toEqual(each.expectedTokens);
            expect(each.outcome).toBeDefined();
          }
          const beginnings = clients.flatMap(({ startedAs }) => startedAs ?? []);
          expect(beginnings).toEqual(beginnings.toSorted((a, b) => a - b));
          expect(scheduler.running + scheduler.queued).toBe(0);
          expect(scheduler.keyValueCacheUsage).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});
