import type { FinishReason } from '../engine.js';
import type { Sampler } from '../sampling/sampler.js';
import type { Prompt } from './prompt.js';
import type { Slot } from './slot-table.js';

/** What came of a sequence that ended by itself. Times are in seconds. */
export interface SequenceOutcome {
  readonly reason: FinishReason;
  readonly promptTokens: number;
  readonly cachedPromptTokens: number;
  readonly completionTokens: number;
  readonly times: SequenceTimes;
}

export interface SequenceTimes {
  /** Until the prompt's images were encoded. */
  readonly image: number;
  /** From then until a slot was free. */
  readonly queue: number;
  readonly prefill: number;
  readonly decode: number;
  /** From arrival to the first token; absent when there was none. */
  readonly firstToken?: number;
  readonly total: number;
}

/** Hears of one sequence, in order: queued*, token*, then finish or error; nothing after a cancellation. */
export interface SequenceListener {
  /** The sequence waits, with so many ahead of it. */
  onQueued(position: number): void;
  onToken(tokenId: number): 'continue' | 'stop';
  onFinish(outcome: SequenceOutcome): void;
  onError(error: Error): void;
}

export interface SequenceRequest {
  readonly promptTokens: number;
  /** Called once the request has its place; resolves when the images are encoded, or rejects with its error. */
  preparePrompt(): Promise<Prompt>;
  readonly maxNewTokens: number;
  readonly sampler: Pick<Sampler, 'sample' | 'plan' | 'accept'>;
  readonly listener: SequenceListener;
}

/** A request from its arrival to its end. */
export class Sequence {
  cancelled = false;
  /** The last place in the queue that the listener heard of. */
  announcedPosition = -1;
  prompt?: Prompt;
  private readonly arrivedAt = performance.now();
  private readyAt?: number;
  private admittedAt?: number;
  private firstTokenAt?: number;

  constructor(
    readonly request: SequenceRequest,
    /** The request's limit, cut to what the context holds. */
    readonly maxNewTokens: number,
  ) {}

  becomeReady(prompt: Prompt): void {
    this.prompt = prompt;
    this.readyAt = performance.now();
  }

  becomeAdmitted(): void {
    this.admittedAt = performance.now();
  }

  becomeStarted(): void {
    this.firstTokenAt ??= performance.now();
  }

  /** Time spent so far; phases that were not reached count nothing. */
  times(): SequenceTimes {
    const now = performance.now();
    const { arrivedAt, readyAt = now, admittedAt = now, firstTokenAt } = this;
    return {
      image: (readyAt - arrivedAt) / 1000,
      queue: (admittedAt - readyAt) / 1000,
      prefill: ((firstTokenAt ?? now) - admittedAt) / 1000,
      decode: (now - (firstTokenAt ?? now)) / 1000,
      firstToken: firstTokenAt === undefined ? undefined : (firstTokenAt - arrivedAt) / 1000,
      total: (now - arrivedAt) / 1000,
    };
  }
}

/** A sequence with a slot. */
export interface RunningSequence {
  readonly sequence: Sequence;
  readonly prompt: Prompt;
  readonly slot: Slot;
  readonly cachedPromptTokens: number;
  completionTokens: number;
  /** Chosen last; its key and value are not in the cache yet. */
  lastToken: number;
}
