import type { SamplingSettings } from '../engine.js';

/** Tokens that a reply may not have yet. */
export interface BarredTokens {
  readonly ids: readonly number[];
  /** How many tokens come before them. */
  readonly minNewTokens: number;
}

type Rules = Pick<SamplingSettings, 'repetitionPenalty'> &
  Partial<Pick<SamplingSettings, 'presencePenalty' | 'frequencyPenalty' | 'logitBias'>>;

/**
 * Changes logits ahead of a choice, by what was generated before and by what the request wants: Keskar et al.'s
 * repetition penalty (as Hugging Face has it), then OpenAI's presence and frequency penalties and `logit_bias`.
 */
export class LogitRules {
  private readonly counts = new Map<number, number>();
  private readonly bias: readonly (readonly [number, number])[];
  private chosen = 0;

  constructor(
    private readonly rules: Rules,
    private readonly barred: BarredTokens,
  ) {
    this.bias = Object.entries(rules.logitBias ?? {}).map(([id, bias]) => [Number(id), bias]);
  }

  /** The different tokens so far. */
  get generated(): ReadonlySet<number> {
    return new Set(this.counts.keys());
  }

  /** @param logits `[vocabulary]`, changed */
  apply(logits: Float32Array): void {
    this.penalise(logits);
    for (const [id, bias] of this.bias) if (id < logits.length) logits[id]! += bias;
    if (this.chosen < this.barred.minNewTokens) for (const id of this.barred.ids) logits[id] = -Infinity;
  }

  accept(token: number): void {
    this.chosen++;
    this.counts.set(token, (this.counts.get(token) ?? 0) + 1);
  }

  private penalise(logits: Float32Array): void {
    const { repetitionPenalty, presencePenalty = 0, frequencyPenalty = 0 } = this.rules;
    if (repetitionPenalty === 1 && presencePenalty === 0 && frequencyPenalty === 0) return;
    for (const [id, count] of this.counts) {
      const logit = logits[id]!;
      const repeated = logit < 0 ? logit * repetitionPenalty : logit / repetitionPenalty;
      logits[id] = repeated - presencePenalty - count * frequencyPenalty;
    }
  }
}
