import type { FinishReason } from '../engine.js';
import { EngineError } from '../errors.js';
import type { StatisticsListener } from '../statistics.js';
import { type BurstDecoder, type Decoder, FEWEST_PREFILL_TOKENS, pieceOf } from './decoder.js';
import { chosenToken, nextTokens, type TokenChoice } from './next-tokens.js';
import { type RunningSequence, Sequence, type SequenceRequest } from './sequence.js';
import { type Slot, SlotTable } from './slot-table.js';
import { UnsettledReplies } from './unsettled-replies.js';

export interface SchedulerSettings {
  /** Sequences that may wait beyond those for which a slot is idle. */
  readonly queueLimit: number;
  /** The most prompt tokens computed in one network run. */
  readonly prefillChunk: number;
  /** How long prompts may hold running replies up between two of their tokens, in seconds. */
  readonly prefillPauseSeconds: number;
  /**
   * Whether a reply must not depend on what the cache held. Then a follow-up does not start from an earlier reply as it
   * was decoded, but from its tokens computed as a prompt, which is done as soon as nothing else is to do.
   */
  readonly reproducible: boolean;
}

/** Prompts go on by this many tokens a step however slow the machine is, so that they end some time. */
const FEWEST_TOKENS_BETWEEN_STEPS = 16;

/** Releases a reply's slot and tells its listener. */
type Ending = () => void;

export interface SequenceHandle {
  /** Stops the sequence. Its listener hears nothing more; its slot is free before the next decode step. */
  cancel(): void;
}

/**
 * Continuous batching: every step decodes one token of all running replies in one network run, then computes a bounded
 * piece of the oldest prompts. Sequences are admitted in the order of arrival (those whose images are still being
 * encoded are passed by), and prompts are computed in the order of admission.
 */
export class Scheduler {
  private readonly slots: SlotTable;
  /** In the order of arrival. */
  private readonly waiting: Sequence[] = [];
  /** In the order of admission. */
  private readonly prefilling: RunningSequence[] = [];
  private readonly decoding = new Map<Slot, RunningSequence>();
  private readonly unsettled: UnsettledReplies;
  private averageRunningSeconds = 1;
  private averageSecondsPerPromptToken = 0;

  /** @param wake called when there is work for {@link step} */
  constructor(
    private readonly decoder: Decoder | BurstDecoder,
    private readonly settings: SchedulerSettings,
    private readonly statistics: StatisticsListener,
    private readonly wake: () => void,
  ) {
    this.slots = new SlotTable(decoder, !settings.reproducible);
    this.unsettled = new UnsettledReplies(decoder);
  }

  get running(): number {
    return this.prefilling.length + this.decoding.size;
  }

  get queued(): number {
    return this.waiting.length;
  }

  /** Share of the cache's positions that running sequences have written. */
  get keyValueCacheUsage(): number {
    return this.slots.positionsInUse / (this.decoder.rows * this.decoder.capacity);
  }

  /** @throws EngineError `context-length`, EngineError `queue-full` */
  submit(request: SequenceRequest): SequenceHandle {
    const room = this.decoder.capacity - request.promptTokens;
    if (room < 1)
      throw new EngineError({
        code: 'context-length',
        promptTokens: request.promptTokens,
        contextLength: this.decoder.capacity,
      });
    if (this.waiting.length >= this.settings.queueLimit + this.slots.idle) {
      throw new EngineError({
        code: 'queue-full',
        retryAfterSeconds: Math.max(1, Math.ceil(this.averageRunningSeconds / this.decoder.rows)),
      });
    }
    const sequence = new Sequence(request, Math.min(request.maxNewTokens, room));
    this.waiting.push(sequence);
    this.announcePositions();
    request.preparePrompt().then(
      (prompt) => {
        sequence.becomeReady(prompt);
        this.wake();
      },
      (error: Error) => this.failWaiting(sequence, error),
    );
    return { cancel: () => this.cancel(sequence) };
  }

  /**
   * Runs one decode step and one piece of prefill; when no sequence runs or waits, one piece of an earlier reply.
   * @returns false when there was nothing to do
   */
  async step(): Promise<boolean> {
    this.releaseCancelled();
    this.admit();
    if (this.running === 0) return this.settleStep();
    await this.decodeStep();
    await this.prefillStep();
    return true;
  }

  private admit(): void {
    const ready = this.waiting.filter(({ prompt }) => prompt !== undefined);
    for (const sequence of ready) {
      const prompt = sequence.prompt!;
      const slot = this.slots.acquire(prompt.tokens);
      if (!slot) break;
      this.removeWaiting(sequence);
      sequence.becomeAdmitted();
      this.unsettled.forget(slot);
      const cachedPromptTokens = slot.tokens.length;
      this.prefilling.push({
        sequence,
        prompt,
        slot,
        cachedPromptTokens,
        completionTokens: 0,
        lastToken: -1,
      });
      this.statistics.onObservation({
        kind: 'prefix-cache',
        queries: prompt.tokens.length,
        hits: cachedPromptTokens,
      });
    }
    this.announcePositions();
  }

  private async decodeStep(): Promise<void> {
    const slots = this.slots.decoding;
    if (slots.length === 0) return;
    const batch = slots.map((slot) => this.decoding.get(slot)!);
    const startedAt = performance.now();
    const transferredBefore = this.decoder.transferredBytes;
    let choices: readonly (readonly TokenChoice[])[];
    try {
      choices = await nextTokens(this.decoder, batch);
    } catch (cause) {
      for (const running of batch)
        this.fail(running, new EngineError({ code: 'failed', what: 'A decode step failed.' }, { cause }));
      return;
    }
    this.statistics.onObservation({
      kind: 'decode',
      sequences: batch.length,
      tokens: choices.reduce((sum, row) => sum + row.length, 0),
      seconds: secondsSince(startedAt),
      transferredBytes: difference(this.decoder.transferredBytes, transferredBefore),
    });
    // All rows have grown, and say so before a reply that ends here lets another one move into its row.
    const endings = batch.map((running, index) => this.takeTokens(running, choices[index]!));
    for (const end of endings) end?.();
  }

  private async prefillStep(): Promise<void> {
    let budget = this.prefillBudget();
    while (budget >= FEWEST_PREFILL_TOKENS && this.prefilling.length > 0) {
      const running = this.prefilling[0]!;
      const start = running.slot.tokens.length;
      const length = pieceOf(running.prompt.tokens.length - start, budget);
      budget -= length;
      await this.prefill(running, start, start + length);
    }
  }

  /** Prompt tokens for one step: as many as fit into the pause that running replies are to bear. */
  private prefillBudget(): number {
    return this.decoding.size === 0 ? this.settings.prefillChunk : this.budgetOfPause();
  }

  private budgetOfPause(): number {
    const { prefillChunk, prefillPauseSeconds } = this.settings;
    const affordable = Math.floor(prefillPauseSeconds / this.averageSecondsPerPromptToken);
    return Math.min(Math.max(affordable, FEWEST_TOKENS_BETWEEN_STEPS), prefillChunk);
  }

  private async prefill(running: RunningSequence, start: number, end: number): Promise<void> {
    const { prompt, slot, sequence } = running;
    const startedAt = performance.now();
    let logits: Float32Array | undefined;
    try {
      logits = await this.decoder.prefill(slot.row, prompt, start, end);
    } catch (cause) {
      this.fail(running, new EngineError({ code: 'failed', what: 'Computing a prompt failed.' }, { cause }));
      return;
    }
    this.observePrefill(end - start, startedAt);
    slot.tokens.push(...prompt.tokens.slice(start, end));
    slot.settled = end;
    if (sequence.cancelled) {
      this.release(running, 'cancel');
    } else if (logits) {
      this.prefilling.shift();
      this.slots.startDecoding(slot);
      this.decoding.set(slot, running);
      this.takeToken(running, { kind: 'logits', logits })?.();
    }
  }

  private async settleStep(): Promise<boolean> {
    if (this.waiting.length > 0) return false;
    const run = await this.unsettled.settle(this.budgetOfPause());
    if (run && run.tokens > 0) this.noteSpeed(run.tokens, run.seconds);
    return run !== undefined;
  }

  private observePrefill(tokens: number, startedAt: number): void {
    const seconds = secondsSince(startedAt);
    this.noteSpeed(tokens, seconds);
    this.statistics.onObservation({ kind: 'prefill', tokens, seconds });
  }

  private noteSpeed(tokens: number, seconds: number): void {
    this.averageSecondsPerPromptToken = (this.averageSecondsPerPromptToken + seconds / tokens) / 2;
  }

  /**
   * Takes a run's tokens in turn, up to the one that ends the reply; what the run has written for later ones is not
   * counted as the row's.
   */
  private takeTokens(running: RunningSequence, choices: readonly TokenChoice[]): Ending | undefined {
    for (const choice of choices) {
      running.slot.tokens.push(running.lastToken);
      const end = this.takeToken(running, choice);
      if (end || running.sequence.cancelled) return end;
    }
    return undefined;
  }

  /**
   * Passes a reply's next token on.
   * @returns what is to be done when the reply ends with it
   */
  private takeToken(running: RunningSequence, choice: TokenChoice): Ending | undefined {
    const { sequence } = running;
    if (sequence.cancelled) return undefined;
    let verdict: 'continue' | 'stop';
    try {
      running.lastToken = chosenToken(sequence.request.sampler, choice);
      running.completionTokens++;
      sequence.becomeStarted();
      verdict = sequence.request.listener.onToken(running.lastToken);
    } catch (error) {
      return () =>
        this.fail(
          running,
          error instanceof Error ? error : new EngineError({ code: 'failed', what: String(error) }),
        );
    }
    if (verdict === 'stop') return () => this.finish(running, 'stop');
    if (running.completionTokens === sequence.maxNewTokens) return () => this.finish(running, 'length');
    return undefined;
  }

  private finish(running: RunningSequence, reason: FinishReason): void {
    this.release(running, reason);
    running.sequence.request.listener.onFinish({
      reason,
      promptTokens: running.prompt.tokens.length,
      cachedPromptTokens: running.cachedPromptTokens,
      completionTokens: running.completionTokens,
      times: running.sequence.times(),
    });
  }

  private fail(running: RunningSequence, error: Error): void {
    this.release(running, 'error');
    if (!running.sequence.cancelled) running.sequence.request.listener.onError(error);
  }

  private failWaiting(sequence: Sequence, error: Error): void {
    if (sequence.cancelled) return;
    this.removeWaiting(sequence);
    this.announcePositions();
    this.observeEnd(sequence, 'error', 0);
    sequence.request.listener.onError(error);
  }

  private cancel(sequence: Sequence): void {
    if (sequence.cancelled) return;
    sequence.cancelled = true;
    if (!this.waiting.includes(sequence)) return;
    this.removeWaiting(sequence);
    this.announcePositions();
    this.observeEnd(sequence, 'cancel', 0);
  }

  /** Slots may only change hands between network runs, so a running sequence's cancellation is carried out here. */
  private releaseCancelled(): void {
    for (const running of [...this.prefilling, ...this.decoding.values()]) {
      if (running.sequence.cancelled) this.release(running, 'cancel');
    }
  }

  private release(running: RunningSequence, reason: FinishReason | 'cancel' | 'error'): void {
    const index = this.prefilling.indexOf(running);
    if (index >= 0) this.prefilling.splice(index, 1);
    this.decoding.delete(running.slot);
    this.slots.release(running.slot);
    if (this.settings.reproducible) this.unsettled.add(running);
    const { prefill, decode } = running.sequence.times();
    this.averageRunningSeconds = 0.8 * this.averageRunningSeconds + 0.2 * (prefill + decode);
    this.observeEnd(running.sequence, reason, running.completionTokens);
  }

  private observeEnd(
    sequence: Sequence,
    reason: FinishReason | 'cancel' | 'error',
    completionTokens: number,
  ): void {
    const times = sequence.times();
    this.statistics.onObservation({
      kind: 'finish',
      reason,
      promptTokens: sequence.request.promptTokens,
      completionTokens,
      queueSeconds: times.queue,
      prefillSeconds: times.prefill,
      decodeSeconds: times.decode,
      firstTokenSeconds: times.firstToken,
      totalSeconds: times.total,
    });
  }

  private removeWaiting(sequence: Sequence): void {
    const index = this.waiting.indexOf(sequence);
    if (index >= 0) this.waiting.splice(index, 1);
  }

  /** Tells those for whom no slot is idle how many are ahead of them, when that number has changed. */
  private announcePositions(): void {
    const idle = this.slots.idle;
    this.waiting.slice(idle).forEach((sequence, position) => {
      if (sequence.announcedPosition === position) return;
      sequence.announcedPosition = position;
      sequence.request.listener.onQueued(position);
    });
  }
}

const difference = (now?: number, before = 0) => (now === undefined ? undefined : now - before);

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}
