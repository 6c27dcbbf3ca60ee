import { exponentialDecay } from './exponential.js';

/** A token and its log-probability. */
export type ScoredToken = readonly [id: number, logprob: number];

/** What the model itself gives the tokens of one place, before any setting of the request changes it. */
export class LogProbabilities {
  /** The likeliest tokens, the best first. */
  readonly likeliest: readonly ScoredToken[];
  private readonly logits: Float32Array;
  private readonly logOfSum: number;

  /**
   * @param logits `[vocabulary]`; a copy is kept
   * @param alternatives how many of the likeliest are wanted
   */
  constructor(logits: Float32Array, alternatives: number) {
    this.logits = logits.slice();
    const best = highest(logits, alternatives);
    const peak = best[0] === undefined ? maximum(logits) : logits[best[0]]!;
    let sum = 0;
    for (let id = 0; id < logits.length; id++) sum += exponentialDecay(peak - logits[id]!);
    this.logOfSum = peak + Math.log(sum);
    this.likeliest = best.map((id) => [id, this.of(id)]);
  }

  of(id: number): number {
    return this.logits[id]! - this.logOfSum;
  }
}

/** The ids of the highest logits in order; equal ones go by id. Few are wanted, so they are kept sorted on the way. */
function highest(logits: Float32Array, wanted: number): number[] {
  const ids: number[] = [];
  for (let id = 0; id < logits.length; id++) {
    if (ids.length === wanted && !(logits[id]! > logits[ids.at(-1)!]!)) continue;
    if (wanted === 0) break;
    let place = ids.length;
    while (place > 0 && logits[id]! > logits[ids[place - 1]!]!) place--;
    ids.splice(place, 0, id);
    if (ids.length > wanted) ids.pop();
  }
  return ids;
}

function maximum(logits: Float32Array): number {
  let peak = -Infinity;
  for (let id = 0; id < logits.length; id++) peak = Math.max(peak, logits[id]!);
  return peak;
}
