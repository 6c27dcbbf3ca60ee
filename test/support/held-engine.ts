import type { GenerateEvent, GenerateRequest, Segment } from '#libs/engine';
import { ScriptedEngine } from './scripted-engine.js';

/** An engine that says what the test lets it say, word by word, to see what people see in between. */
export class HeldEngine extends ScriptedEngine {
  /** Aborted requests so far. */
  cancelled = 0;
  private readonly waiting: (() => void)[] = [];
  private released: string[] = [];
  private ended = false;

  /** Says this now. */
  say(...pieces: string[]): void {
    this.released.push(...pieces);
    this.wake();
  }

  /** Ends the reply that is being said, and lets the next begin afresh. */
  end(): void {
    this.ended = true;
    this.wake();
  }

  override async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    this.requests.push(request);
    let said = 0;
    try {
      while (!this.ended || said < this.released.length) {
        signal?.throwIfAborted();
        const text = this.released[said];
        if (text === undefined) {
          await this.change(signal);
          continue;
        }
        said += 1;
        yield { kind: 'delta', text, tokenIds: [1] };
      }
      yield finished;
    } finally {
      if (signal?.aborted) this.cancelled += 1;
      this.released = [];
      this.ended = false;
    }
  }

  /** One token per segment, so that every conversation fits. */
  override async countTokens(segments: readonly Segment[]) {
    return { tokens: 1 + segments.length, segmentTokens: segments.map(() => 1) };
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

export const finished: GenerateEvent = {
  kind: 'finish',
  reason: 'stop',
  usage: { promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0, images: 0, cachedImages: 0 },
  timings: { queue: 0, image: 0, prefill: 0, decode: 0, firstToken: 0 },
  imageDigests: [],
  notices: [],
};
