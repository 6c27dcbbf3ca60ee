import { setImmediate as nextTurn } from 'node:timers/promises';

import { Sampler, type SamplerSettings } from '../../libs/engine/src/sampling/sampler.js';
import type {
  BurstDecoder,
  BurstInput,
  DecodeInput,
  Decoder,
} from '../../libs/engine/src/scheduling/decoder.js';
import { type ContextToken, Prompt } from '../../libs/engine/src/scheduling/prompt.js';
import { Scheduler, type SequenceHandle } from '../../libs/engine/src/scheduling/scheduler.js';
import type { SequenceOutcome } from '../../libs/engine/src/scheduling/sequence.js';
import type { StatisticsListener } from '../../libs/engine/src/statistics.js';

const VOCABULARY = 50;
export const TOKENS_PER_IMAGE = 3;

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

  async decode(inputs: readonly DecodeInput[]): Promise<readonly Float32Array[]> {
    await this.run();
    this.largestBatch = Math.max(this.largestBatch, inputs.length);
    return inputs.map(({ tokenId, position }, index) => {
      const content = this.contents[this.rows - inputs.length + index]!;
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

  async decodeBurst(inputs: readonly BurstInput[], steps: number) {
    await this.run();
    return inputs.map(({ tokenId, position }, index) => {
      const content = this.contents[this.rows - inputs.length + index]!;
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
export class Client {
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
    private readonly stopToken: number,
    private readonly sampling: SamplerSettings,
  ) {}

  submit(preparePrompt = () => Promise.resolve(this.prompt)): this {
    this.handle = this.scheduler.submit({
      promptTokens: this.prompt.tokens.length,
      preparePrompt,
      maxNewTokens: this.maxNewTokens,
      sampler: new Sampler(this.sampling),
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

export function textPrompt(...tokenIds: number[]): Prompt {
  return new Prompt([{ kind: 'text', tokenIds }], TOKENS_PER_IMAGE);
}

export function promptOfLength(length: number, first = 1): Prompt {
  return textPrompt(...Array.from({ length }, (_, index) => first + index));
}

export const silent: StatisticsListener = { onGauges: () => {}, onObservation: () => {} };

export function makeScheduler({
  rows = 2,
  capacity = 40,
  queueLimit = 100,
  prefillChunk = 8,
  prefillPauseSeconds = Infinity,
  reproducible = false,
  sampling = likeliest,
  statistics = silent,
  burstLength = 0,
} = {}) {
  const decoder =
    burstLength > 0
      ? new BurstingDecoder(rows, capacity, burstLength)
      : new RememberingDecoder(rows, capacity);
  const scheduler = new Scheduler(
    decoder,
    { queueLimit, prefillChunk, prefillPauseSeconds, reproducible },
    statistics,
    () => {},
  );
  const client = (prompt: Prompt, maxNewTokens = 5, stopToken = -1) =>
    new Client(scheduler, prompt, maxNewTokens, stopToken, sampling);
  return { decoder, scheduler, client };
}

export async function step(scheduler: Scheduler): Promise<boolean> {
  await nextTurn();
  return scheduler.step();
}

export async function drain(scheduler: Scheduler): Promise<number> {
  let steps = 0;
  while (await step(scheduler)) steps++;
  return steps;
}
