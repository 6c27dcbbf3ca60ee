import { randomFillSync } from 'node:crypto';

import type { ElementType } from '#libs/checkpoint';

const POOL_BYTES = 64 * 2 ** 20;

/** How much of the pool is passed over from one piece to the next, so that pieces differ. */
const STEP_BYTES = 7_340_032;

/** Sign and fraction at random, and an exponent that makes every number lie between ±2^-6 and ±2^-5. */
const randomBits = {
  F16: { keep: 0x83ff_83ff, exponent: 0x2400_2400, one: 0x3c00_3c00 },
  F32: { keep: 0x807f_ffff, exponent: 0x3c80_0000, one: 0x3f80_0000 },
} as const;

/**
 * Weights that nobody trained, of about the size that initialisation gives them (BERT: 0.02). They come from a pool,
 * because drawing seven milliards of numbers would take longer than writing them.
 */
export class RandomBytes {
  private readonly pools = new Map<string, Buffer>();
  private place = 0;

  /** So many bytes of random numbers, or of ones, in pieces. */
  *pieces(type: ElementType, values: 'random' | 'ones', length: number): Generator<Buffer> {
    const pool = this.pool(type, values);
    for (let left = length; left > 0; ) {
      const piece = pool.subarray(this.place, this.place + left);
      yield piece;
      left -= piece.length;
      this.place = (this.place + STEP_BYTES) % POOL_BYTES;
    }
  }

  private pool(type: ElementType, values: 'random' | 'ones'): Buffer {
    const name = `${type} ${values}`;
    const pool = this.pools.get(name) ?? makePool(type, values);
    this.pools.set(name, pool);
    return pool;
  }
}

function makePool(type: ElementType, values: 'random' | 'ones'): Buffer {
  if (type !== 'F16' && type !== 'F32') throw new RangeError(`Random ${type} weights are not made here.`);
  const { keep, exponent, one } = randomBits[type];
  const words = new Uint32Array(POOL_BYTES / 4);
  if (values === 'ones') words.fill(one);
  else for (const [index, word] of randomFillSync(words).entries()) words[index] = (word & keep) | exponent;
  return Buffer.from(words.buffer);
}
