/** Of the original's `linear_warmup_cosine_lr`. */
export interface LearningRateSchedule {
  /** Where the warm-up starts. */
  readonly warmup: number;
  /** Where it ends. */
  readonly initial: number;
  /** Where the cosine ends. */
  readonly minimum: number;
  readonly warmupSteps: number;
}

/**
 * The learning rate of a step, counted from 0: linear warm-up, then a cosine over the whole training. The cosine is
 * not shifted by the warm-up, so the rate drops where one meets the other: from 9.998e-5 to 9.707e-5 in stage 1.
 * That is what the released models were trained with (MiniGPT-4, optims.py).
 */
export function learningRateAt(step: number, totalSteps: number, schedule: LearningRateSchedule): number {
  const { warmup, initial, minimum, warmupSteps } = schedule;
  if (step < warmupSteps) return Math.min(initial, warmup + ((initial - warmup) * step) / warmupSteps);
  return minimum + (initial - minimum) * 0.5 * (1 + Math.cos((Math.PI * step) / totalSteps));
}
