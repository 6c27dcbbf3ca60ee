import { AdamW, originalAdamW } from './adamw.js';

const weight = (name: string, values: readonly number[], weightDecay = 0) => ({
  name,
  data: Float32Array.from(values),
  weightDecay,
});

describe('AdamW', () => {
  it('has the settings of the original', () => {
    expect(originalAdamW).toEqual({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
  });

  it('takes the steps that are worked out by hand: corrected means, and decay apart from them', () => {
    const optimizer = new AdamW([weight('w', [1], 0.1)]);
    // mean 0.05, mean of squares 0.00025, corrected 0.5 and 0.25: 1 × (1 − 0.1 × 0.1) − 0.1 × 0.5 / 0.5
    optimizer.step(() => Float32Array.of(0.5), 0.1);
    expect(optimizer.steps).toBe(1);
    expect(optimizer.weights[0]!.data[0]).toBeCloseTo(0.89, 6);
    expect(optimizer.moments[0]!.first[0]).toBeCloseTo(0.05, 7);
    expect(optimizer.moments[0]!.second[0]).toBeCloseTo(0.00025, 9);
    // mean −0.005, corrected −0.005 / 0.19; mean of squares 0.00049975, corrected 0.25:
    // 0.89 × (1 − 0.2 × 0.1) + 0.2 × 0.0263158 / 0.5
    optimizer.step(() => Float32Array.of(-0.5), 0.2);
    expect(optimizer.steps).toBe(2);
    expect(optimizer.weights[0]!.data[0]).toBeCloseTo(0.8827263, 6);
    expect(optimizer.moments[0]!.first[0]).toBeCloseTo(-0.005, 7);
    expect(optimizer.moments[0]!.second[0]).toBeCloseTo(0.00049975, 9);
  });

  it('divides by at least epsilon, added to the root', () => {
    const optimizer = new AdamW([weight('w', [0])], { beta1: 0.9, beta2: 0.999, epsilon: 0.5 });
    optimizer.step(() => Float32Array.of(0.5), 0.1);
    expect(optimizer.weights[0]!.data[0]).toBeCloseTo(-0.05, 7);
  });

  it('gives each weight its own gradient, in the order of its numbers', () => {
    const optimizer = new AdamW([weight('a', [0, 0]), weight('b', [0])]);
    const gradients = { a: Float32Array.of(1, -1), b: Float32Array.of(0) };
    optimizer.step((name) => gradients[name as 'a' | 'b'], 0.1);
    expect([...optimizer.weights[0]!.data].map((value) => value.toFixed(4))).toEqual(['-0.1000', '0.1000']);
    expect([...optimizer.weights[1]!.data]).toEqual([0]);
  });

  it('goes on from the steps that were taken before', () => {
    const optimizer = new AdamW([weight('w', [0])], originalAdamW, 9);
    optimizer.step(() => Float32Array.of(1), 0.1);
    expect(optimizer.steps).toBe(10);
    // 0.1 × 0.1 / (1 − 0.9¹⁰) / √(0.001 / (1 − 0.999¹⁰))
    expect(optimizer.weights[0]!.data[0]).toBeCloseTo(-0.0484, 4);
  });
});
