import type { SamplingSettings } from '../engine.js';
import { EngineError } from '../errors.js';
import { exponentialDecay } from './exponential.js';
import { keepLikeliest } from './likeliest.js';
import { LogProbabilities, type ScoredToken } from './log-probabilities.js';
import { type BarredTokens, LogitRules } from './logit-rules.js';
import { Random } from './random.js';

/** What the next choices of a sampler depend on beside the logits, where a network makes them. */
export interface SamplingPlan
  extends Pick<SamplingSettings, 'temperature' | 'topP' | 'topK' | 'repetitionPenalty'> {
  /** The tokens chosen so far. */
  readonly generated: ReadonlySet<number>;
  /** The uniform numbers that decide the next choices. */
  readonly draws: readonly number[];
}

type Steering = Pick<SamplingSettings, 'minP' | 'presencePenalty' | 'frequencyPenalty' | 'logitBias'>;

/** Settings by which nothing is steered may be left out. */
export type SamplerSettings = Required<Omit<SamplingSettings, keyof Steering>> & Partial<Steering>;

export interface SamplerOptions {
  /**
   * How many tokens there are to choose from; embedding tables may have rows beyond, for padding or to round their size
   * up, whose logits mean nothing. All rows when left out.
   */
  readonly vocabulary?: number;
  /** None when left out. */
  readonly barred?: BarredTokens;
  /** How many of the likeliest tokens to note at each place beside the chosen one. Nothing is noted when left out. */
  readonly logprobs?: number | undefined;
}

/** A choice and what the model gave the tokens at its place. */
export interface ScoredChoice {
  readonly chosen: ScoredToken;
  readonly likeliest: readonly ScoredToken[];
}

/** Chooses the tokens of one reply. Its choices depend on its own seed and logits only, whatever else runs. */
export class Sampler {
  private readonly random: Random;
  private readonly rules: LogitRules;
  private readonly vocabulary: number;
  private readonly logprobs: number | undefined;
  private scored: ScoredChoice[] = [];

  constructor(
    private readonly settings: SamplerSettings,
    { vocabulary = Infinity, barred = { ids: [], minNewTokens: 0 }, logprobs }: SamplerOptions = {},
  ) {
    this.random = new Random(settings.seed);
    this.rules = new LogitRules(settings, barred);
    this.vocabulary = vocabulary;
    this.logprobs = logprobs;
  }

  /**
   * Chooses the next token, in the order in which Hugging Face's `generate`, which MiniGPT-4 calls, applies its
   * settings: penalties, temperature, top-k, top-p, min-p.
   * @param row `[rows of the embedding table]`, overwritten
   */
  sample(row: Float32Array): number {
    const logits = row.subarray(0, this.vocabulary);
    const scores = this.logprobs === undefined ? undefined : new LogProbabilities(logits, this.logprobs);
    this.rules.apply(logits);
    const token = this.settings.temperature === 0 ? likeliest(logits) : this.draw(logits);
    this.rules.accept(token);
    if (scores) this.scored.push({ chosen: [token, scores.of(token)], likeliest: scores.likeliest });
    return token;
  }

  /** The scores of the tokens chosen since they were last taken; none where none are noted. */
  takeScores(): readonly ScoredChoice[] {
    const taken = this.scored;
    this.scored = [];
    return taken;
  }

  /** Hands the next `choices` over to somebody else, who has to report them with {@link accept}. */
  plan(choices: number): SamplingPlan {
    const { temperature, topP, topK, repetitionPenalty } = this.settings;
    const draws = Array.from({ length: choices }, () => (temperature === 0 ? 0 : this.random.next()));
    return { temperature, topP, topK, repetitionPenalty, generated: this.rules.generated, draws };
  }

  accept(token: number): void {
    this.rules.accept(token);
  }

  private draw(logits: Float32Array): number {
    const { temperature, topK, topP, minP = 0 } = this.settings;
    const best = logits[likeliest(logits)]!;
    let candidates = idsBelow(logits.length);
    if (topK > 0 && topK < logits.length) candidates = keepLikeliest(logits, best, candidates, topK);

    const weights = new Float32Array(logits.length);
    let total = 0;
    for (let index = 0; index < candidates.length; index++) {
      const id = candidates[index]!;
      weights[id] = exponentialDecay((best - logits[id]!) / temperature);
      total += weights[id]!;
    }
    if (topP < 1) {
      candidates = keepLikeliest(logits, best, candidates, topP * total, weights);
      total = 0;
      for (let index = 0; index < candidates.length; index++) total += weights[candidates[index]!]!;
    }
    if (minP > 0) {
      // The likeliest token's weight is 1.
      candidates = candidates.filter((id) => weights[id]! >= minP);
      total = 0;
      for (let index = 0; index < candidates.length; index++) total += weights[candidates[index]!]!;
    }

    // Walking in the order of ids, not of scores, a difference in the last bit of a logit moves the borders between
    // tokens a little but never exchanges two tokens, so a seed gives the same reply in a batch of any size.
    const threshold = this.random.next() * total;
    let cumulative = 0;
    for (let index = 0; index < candidates.length - 1; index++) {
      cumulative += weights[candidates[index]!]!;
      if (cumulative > threshold) return candidates[index]!;
    }
    return candidates.at(-1)!;
  }
}

function likeliest(logits: Float32Array): number {
  let token = -1;
  let best = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    if (logits[id]! > best) {
      best = logits[id]!;
      token = id;
    }
  }
  if (token < 0)
    throw new EngineError({
      code: 'failed',
      what: 'The model computed no usable logits: every one is NaN or -infinity.',
    });
  return token;
}

function idsBelow(vocabulary: number): Int32Array {
  const ids = new Int32Array(vocabulary);
  for (let id = 0; id < vocabulary; id++) ids[id] = id;
  return ids;
}
