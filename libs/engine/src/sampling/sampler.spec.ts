import fc from 'fast-check';

import type { SamplingSettings } from '../engine.js';
import { exponentialDecay } from './exponential.js';
import { keepLikeliest } from './likeliest.js';
import { Random } from './random.js';
import { Sampler } from './sampler.js';

const plain = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 1 };
const samplerWith = (settings: Partial<SamplingSettings>) => new Sampler({ ...plain, ...settings });

/** How often each of `draws` samplers of different seeds takes each token. */
function frequencies(logits: readonly number[], settings: Partial<SamplingSettings>, draws: number) {
  const counts = logits.map(() => 0);
  for (let seed = 0; seed < draws; seed++) {
    counts[samplerWith({ ...settings, seed }).sample(Float32Array.from(logits))]!++;
  }
  return counts.map((count) => count / draws);
}

describe('rows beyond the vocabulary', () => {
  it.each([0, 1])('are never chosen, however large their logits are, at temperature %d', (temperature) => {
    for (let seed = 0; seed < 50; seed++) {
      const sampler = new Sampler({ ...plain, temperature, seed }, { vocabulary: 2 });
      expect(sampler.sample(Float32Array.of(0, 0.1, 90, 80))).toBeLessThan(2);
    }
  });
});

describe('Random', () => {
  it('repeats its numbers for a seed and differs for another, in the upper bits too', () => {
    const first = (seed: number) => {
      const random = new Random(seed);
      return Array.from({ length: 4 }, () => random.next());
    };
    expect(first(7)).toEqual(first(7));
    expect(first(7)).not.toEqual(first(8));
    expect(first(7)).not.toEqual(first(7 + 2 ** 40));
  });

  it('spreads its numbers evenly from 0 to 1', () => {
    const random = new Random(123);
    const counts = new Array<number>(10).fill(0);
    for (let index = 0; index < 100_000; index++) counts[Math.floor(random.next() * 10)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });
});

describe('exponentialDecay', () => {
  it('is e^-x to 3 parts in 10^9, and 0 where a float32 would be', () => {
    for (let x = 0; x < 103; x += 0.0137) expect(exponentialDecay(x) / Math.exp(-x)).toBeCloseTo(1, 8);
    expect(exponentialDecay(1_000)).toBe(0);
    expect(exponentialDecay(Infinity)).toBe(0);
  });
});

describe('keepLikeliest', () => {
  const scores = fc.array(
    fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ min: -200, max: 200, noNaN: true })),
    { minLength: 1, maxLength: 60 },
  );

  it('keeps the smallest best-scored set that reaches the target, in the order of ids', () => {
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 70 }), (values, target) => {
        const logits = Float32Array.from(values);
        const ids = Int32Array.from(values.keys());
        const best = [...ids].sort((a, b) => logits[b]! - logits[a]! || a - b).slice(0, target);

        const kept = keepLikeliest(logits, Math.max(...logits), ids, target);

        expect([...kept]).toEqual(best.sort((a, b) => a - b));
      }),
    );
  });

  it('keeps everything when the weights do not reach the target', () => {
    const weights = new Float32Array(3).fill(0.1);
    const ids = Int32Array.of(0, 1, 2);
    expect(keepLikeliest(Float32Array.of(3, -Infinity, 1), 3, ids, 1, weights)).toEqual(ids);
  });
});

describe('Sampler', () => {
  it('takes the likeliest token at temperature 0, the first of equal ones', () => {
    expect(samplerWith({ temperature: 0 }).sample(Float32Array.of(1, 4, 4, 2))).toBe(1);
  });

  it('samples in proportion to the softmax of the logits', () => {
    const probabilities = frequencies([Math.log(1), Math.log(2), Math.log(7)], {}, 20_000);
    expect(probabilities[0]).toBeCloseTo(0.1, 1);
    expect(probabilities[1]).toBeCloseTo(0.2, 1);
    expect(probabilities[2]).toBeCloseTo(0.7, 1);
  });

  it('sharpens the distribution at low temperatures', () => {
    const [, second] = frequencies([0, Math.log(2)], { temperature: 0.5 }, 20_000);
    expect(second).toBeCloseTo(0.8, 1);
  });

  it('leaves only the k likeliest tokens with top-k', () => {
    expect(frequencies([1, 3, 2, 0], { topK: 2 }, 500).map((share) => share > 0)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('leaves the smallest set that reaches the probability with top-p, and always one token', () => {
    const logits = [0.5, 0.3, 0.15, 0.05].map(Math.log);
    const possible = (topP: number) => frequencies(logits, { topP }, 500).map((share) => share > 0);
    expect(possible(0.79)).toEqual([true, true, false, false]);
    expect(possible(0.81)).toEqual([true, true, true, false]);
    expect(possible(0.0001)).toEqual([true, false, false, false]);
  });

  it('applies top-p to what top-k left, renormalised', () => {
    const logits = [0.4, 0.3, 0.2, 0.1].map(Math.log);
    // Of the first two, the first has 4/7 of the probability: 0.57.
    expect(frequencies(logits, { topK: 2, topP: 0.55 }, 300).map((share) => share > 0)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('penalises each token it generated once, however often it came', () => {
    const sampler = samplerWith({ temperature: 0, repetitionPenalty: 2 });
    expect(sampler.sample(Float32Array.of(5, 3, -1))).toBe(0);
    expect(sampler.sample(Float32Array.of(7, 3, -1))).toBe(0);
    expect(sampler.sample(Float32Array.of(7, 3.4, -1))).toBe(0);
    expect(sampler.sample(Float32Array.of(7, 3.6, -1))).toBe(1);
  });

  it('makes negative logits of generated tokens lower, not higher', () => {
    const sampler = samplerWith({ temperature: 0, repetitionPenalty: 2 });
    sampler.sample(Float32Array.of(1, 0));
    expect(sampler.sample(Float32Array.of(-1, -1.5))).toBe(1);
  });

  it('penalises before it divides by the temperature and before top-k', () => {
    const sampler = samplerWith({ temperature: 2, repetitionPenalty: 2, topK: 1 });
    expect(sampler.sample(Float32Array.of(5, 3))).toBe(0);
    expect(sampler.sample(Float32Array.of(5, 3))).toBe(1);
  });

  it('gives the same reply for the same seed when the logits differ in the last bits', () => {
    const noise = new Random(5);
    const steps = Array.from({ length: 50 }, () =>
      Float32Array.from({ length: 300 }, () => noise.next() * 10),
    );
    const settings = { temperature: 0.9, topK: 40, topP: 0.9, seed: 99 };
    const replyTo = (jitter: number) => {
      const sampler = samplerWith(settings);
      return steps.map((logits) => sampler.sample(logits.map((logit) => logit * (1 + jitter))));
    };
    expect(replyTo(1e-7)).toEqual(replyTo(0));
  });

  it('refuses logits without a number', () => {
    const logits = Float32Array.of(Number.NaN, Number.NaN);
    expect(() => samplerWith({ temperature: 0 }).sample(logits)).toThrow('no usable logits');
  });
});

describe('what steers a choice', () => {
  /** The tokens that a sampler takes one after another from the same logits. */
  const choices = (logits: readonly number[], count: number, sampler: Sampler) =>
    Array.from({ length: count }, () => sampler.sample(Float32Array.from(logits)));
  const greedy = (settings: Partial<SamplingSettings>) => samplerWith({ temperature: 0, ...settings });

  it('min-p leaves out what is less likely than its fraction of the likeliest', () => {
    const logits = [0, Math.log(0.5), Math.log(0.2)];
    const all = frequencies(logits, {}, 2_000);
    expect(all[2]).toBeGreaterThan(0);
    expect(frequencies(logits, { minP: 0.3 }, 2_000)).toEqual([
      expect.closeTo(2 / 3, 1),
      expect.closeTo(1 / 3, 1),
      0,
    ]);
    expect(frequencies(logits, { minP: 1 }, 100)).toEqual([1, 0, 0]);
  });

  it('a presence penalty falls once on each token that was there', () => {
    expect(choices([1, 0.5, 0.1], 4, greedy({ presencePenalty: 0.7 }))).toEqual([0, 1, 0, 0]);
    expect(choices([1, 0.5, 0.1], 3, greedy({ presencePenalty: -1 }))).toEqual([0, 0, 0]);
  });

  it('a frequency penalty falls once for each time', () => {
    // 1 | 0.7, 0.5 | 0.4, 0.5 | 0.4, 0.2 | 0.1, 0.2
    expect(choices([1, 0.5, -9], 5, greedy({ frequencyPenalty: 0.3 }))).toEqual([0, 0, 1, 0, 1]);
  });

  it('a bias is added to the logit of its token', () => {
    expect(choices([1, 0, 0], 1, greedy({ logitBias: { 2: 1.5 } }))).toEqual([2]);
    expect(choices([1, 0.5, 0], 1, greedy({ logitBias: { 0: -100 } }))).toEqual([1]);
    expect(choices([1, 0], 1, greedy({ logitBias: { 7: 100 } }))).toEqual([0]);
  });

  it('barred tokens come after as many others as are wanted, not before', () => {
    const sampler = new Sampler({ ...plain, temperature: 0 }, { barred: { ids: [0, 2], minNewTokens: 2 } });
    expect(choices([9, 0, 8], 3, sampler)).toEqual([1, 1, 0]);
  });
});

describe('the scores of a choice', () => {
  const scoring = (settings: Partial<SamplingSettings>, logprobs: number | undefined) =>
    new Sampler({ ...plain, ...settings }, { logprobs });

  it('are the logarithms of what the model gives, whatever the settings make of it', () => {
    const sampler = scoring({ temperature: 0, logitBias: { 2: 50 }, repetitionPenalty: 1.5 }, 2);
    sampler.sample(Float32Array.of(3, 1, 2, 0));
    const total = Math.log(Math.exp(3) + Math.exp(1) + Math.exp(2) + 1);
    expect(sampler.takeScores()).toEqual([
      {
        chosen: [2, expect.closeTo(2 - total, 6)],
        likeliest: [
          [0, expect.closeTo(3 - total, 6)],
          [2, expect.closeTo(2 - total, 6)],
        ],
      },
    ]);
  });

  it('are taken once, in the order of the tokens', () => {
    const sampler = scoring({ temperature: 0, frequencyPenalty: 2 }, 0);
    sampler.sample(Float32Array.of(1, 0));
    sampler.sample(Float32Array.of(1, 0));
    expect(sampler.takeScores().map(({ chosen: [id], likeliest }) => [id, likeliest])).toEqual([
      [0, []],
      [1, []],
    ]);
    expect(sampler.takeScores()).toEqual([]);
  });

  it('are not noted where nobody asks', () => {
    const sampler = scoring({}, undefined);
    sampler.sample(Float32Array.of(1, 0));
    expect(sampler.takeScores()).toEqual([]);
  });

  it('add up to 1 over the vocabulary, with the likeliest first and equal ones by id', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 30 }), (logits) => {
        const sampler = scoring({}, logits.length);
        sampler.sample(Float32Array.from(logits));
        const { likeliest } = sampler.takeScores()[0]!;
        const expected = logits.map((_, id) => id).sort((a, b) => logits[b]! - logits[a]! || a - b);
        expect(likeliest.map(([id]) => id)).toEqual(expected);
        expect(likeliest.reduce((sum, [, logprob]) => sum + Math.exp(logprob), 0)).toBeCloseTo(1, 6);
      }),
    ));
});
