import type { SamplingSettings } from '../engine.js';
import { EngineError } from '../errors.js';
import { exponentialDecay } from './exponential.js';
import { keepLikeliest } from './likeliest.js';
import { Random } from './random.js';

/** What the next choices of a sampler depend on beside the logits. */
export interface SamplingPlan extends Omit<Required<SamplingSettings>, 'seed'> {
  /** The tokens chosen so far. */
  readonly generated: ReadonlySet<number>;
  /** The uniform numbers that decide the next choices. */
  readonly draws: readonly number[];
}

/** Chooses the tokens of one reply. Its choices depend on its own seed and logits only, whatever else runs. */
export class Sampler {
  private readonly settings: Required<SamplingSettings>;
  private readonly random: Random;
  private readonly generated = new Set<number>();

  /**
   * @param vocabulary how many tokens there are to choose from; embedding tables may have rows beyond, for padding or to
   *   round their size up, whose logits mean nothing
   */
  constructor(
    settings: Required<SamplingSettings>,
    private readonly vocabulary = Infinity,
  ) {
    this.settings = settings;
    this.random = new Random(settings.seed);
  }

  /**
   * Chooses the next token, in the order in which Hugging Face's `generate`, which MiniGPT-4 calls, applies its
   * settings: repetition penalty, temperature, top-k, top-p.
   * @param row `[rows of the embedding table]`, overwritten
   */
  sample(row: Float32Array): number {
    const logits = row.subarray(0, this.vocabulary);
    this.penaliseRepetition(logits);
    const token = this.settings.temperature === 0 ? likeliest(logits) : this.draw(logits);
    this.generated.add(token);
    return token;
  }

  /** Hands the next `choices` over to somebody else, who has to report them with {@link accept}. */
  plan(choices: number): SamplingPlan {
    const { temperature, topP, topK, repetitionPenalty } = this.settings;
    const draws = Array.from({ length: choices }, () => (temperature === 0 ? 0 : this.random.next()));
    return { temperature, topP, topK, repetitionPenalty, generated: this.generated, draws };
  }

  accept(token: number): void {
    this.generated.add(token);
  }

  private penaliseRepetition(logits: Float32Array): void {
    const penalty = this.settings.repetitionPenalty;
    if (penalty === 1) return;
    for (const id of this.generated) {
      const logit = logits[id]!;
      logits[id] = logit < 0 ? logit * penalty : logit / penalty;
    }
  }

  private draw(logits: Float32Array): number {
    const { temperature, topK, topP } = this.settings;
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
