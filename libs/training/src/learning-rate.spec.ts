import { learningRateAt } from './run/train.js';

describe('the learning rate', () => {
  const stage1 = { warmup: 1e-6, initial: 1e-4, minimum: 8e-5, warmupSteps: 5000 };
  const stage2 = { warmup: 1e-6, initial: 3e-5, minimum: 1e-5, warmupSteps: 200 };

  it.each([
    ['stage 1 begins at', 0, 20_000, stage1, 1e-6],
    ['stage 1 ends its warm-up at', 4_999, 20_000, stage1, 9.998e-5],
    ['stage 1 drops, as the original does, to', 5_000, 20_000, stage1, 9.707e-5],
    ['stage 1 ends at', 19_999, 20_000, stage1, 8e-5],
    ['stage 2 ends its warm-up at', 199, 1_000, stage2, 2.986e-5],
    ['stage 2 drops to', 200, 1_000, stage2, 2.809e-5],
    ['stage 2 ends at', 999, 1_000, stage2, 1e-5],
  ] as const)('of %s what the original computes', (_, step, total, schedule, rate) => {
    expect(Math.abs(learningRateAt(step, total, schedule) - rate)).toBeLessThan(1e-8);
  });
});
