import { createHash } from 'node:crypto';

/**
 * Random numbers that follow from a seed and from what they are for: `new Random(42, 'prompt', 17)`. Whoever draws
 * them anew for every step, sample or weight has no random state to save.
 */
export class Random {
  private state: Uint32Array;

  constructor(seed: number, ...purpose: readonly (string | number)[]) {
    const digest = createHash('sha256')
      .update(JSON.stringify([seed, ...purpose]))
      .digest();
    this.state = Uint32Array.from({ length: 4 }, (_, index) => digest.readUInt32LE(4 * index));
  }

  /** A number from 0 to below 1: xoshiro128+ (Blackman and Vigna, 2018). */
  next(): number {
    let [a = 0, b = 0, c = 0, d = 0] = this.state;
    const result = (a + d) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    this.state.set([a, b, c, d]);
    return result / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }
}
