const TWO_TO_THE_32 = 2 ** 32;

/**
 * A seeded source of uniform numbers: xoshiro128** with its state filled by SplitMix32
 * (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021).
 */
export class Random {
  private readonly state = new Uint32Array(4);

  /** @param seed a safe integer, 0 or above; all of its 53 bits count */
  constructor(seed: number) {
    this.fill(0, seed >>> 0);
    this.fill(2, Math.floor(seed / TWO_TO_THE_32) ^ 0x5bd1e995);
  }

  private fill(start: number, seed: number): void {
    let counter = seed;
    for (let index = start; index < start + 2; index++) {
      counter = (counter + 0x9e3779b9) >>> 0;
      let mixed = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      this.state[index] = mixed ^ (mixed >>> 15);
    }
  }

  /** The next number, at least 0 and below 1. */
  next(): number {
    return ((this.nextWord() >>> 5) * 2 ** 26 + (this.nextWord() >>> 6)) / 2 ** 53;
  }

  private nextWord(): number {
    const state = this.state;
    const word = Math.imul(rotateLeft(Math.imul(state[1]!, 5), 7), 9) >>> 0;
    const shifted = state[1]! << 9;
    state[2]! ^= state[0]!;
    state[3]! ^= state[1]!;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= shifted;
    state[3] = rotateLeft(state[3]!, 11);
    return word;
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
