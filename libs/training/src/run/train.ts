import { CodedError } from '#libs/errors';
import type { SkippedSample } from '../data/dataset.js';

import { saveResult } from '../result/save-result.js';
import type { Example, Gradients } from '../training-step.js';
import type { ExampleSource } from './example-source.js';
import { LossLog, type StepReport } from './loss-log.js';
import { RunFolder } from './run-folder.js';
import { systemErrorCode } from './system-error-code.js';
import { openExamples, openTrainableModel, type TrainableModel } from './training.js';
import {
  hasCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
  type TrainingProgress,
} from './training-checkpoint.js';
import type { TrainingConfig } from './training-config.js';

export interface TrainingOptions {
  readonly config: TrainingConfig;
  /** The run folder: new, or with `resume` that of an interrupted run. */
  readonly out: string;
  readonly resume: boolean;
  /** Of the processor; as many as there are cores by default. */
  readonly threads?: number;
  /** Stops after the current step and keeps a checkpoint, so that the run can be resumed. */
  readonly signal?: AbortSignal;
  readonly onStep?: (report: StepReport) => void;
  readonly onSkipped?: (sample: SkippedSample) => void;
  /** Hears, in sentences, what is not as it was asked for. */
  readonly onNotice?: (notice: string) => void;
}

/** `interrupted` leaves a checkpoint to resume from; `finished` leaves the trained weights. */
export type TrainingOutcome = 'finished' | 'interrupted';

/**
 * Trains a model as the configuration says and fills the run folder. A run that was interrupted and resumed computes
 * what it would have computed in one go, bit by bit.
 *
 * @throws CodedError `training` when the loss is not a number; `dataset`, `model-package`, `variant` or
 * `initial-weights`
 */
export async function train(options: TrainingOptions): Promise<TrainingOutcome> {
  const { config, out, resume } = options;
  const folder = resume ? await RunFolder.resume(out, config) : await RunFolder.create(out, config);
  try {
    return await trainInto(folder, options);
  } finally {
    await folder.leave();
  }
}

async function trainInto(folder: RunFolder, options: TrainingOptions): Promise<TrainingOutcome> {
  const { config, out, resume, threads, onSkipped = () => {}, onNotice = () => {} } = options;
  const begun = resume && (await hasCheckpoint(out));
  if (resume && !begun) onNotice('The run was interrupted before its first checkpoint, so it starts again.');
  const trainable = await openTrainableModel(config, threads);
  try {
    const start = begun ? await loadCheckpoint(out, trainable.optimizer) : beginning;
    const progress = { ...start };
    const skip = (sample: SkippedSample) => {
      progress.skipped++;
      onSkipped(sample);
    };
    const examples = await openExamples(config, trainable, start.position ?? undefined, skip, threads);
    try {
      await folder.describe(trainable, start.step);
      const log = begun ? await LossLog.resume(out, start.step) : LossLog.create(out);
      const outcome = await new Run(options, trainable, examples, log, progress).run();
      if (outcome === 'finished') {
        await written('The trained weights', async () => {
          await saveResult(out, trainable);
          await folder.finish(progress, log.recentLoss());
        });
      }
      return outcome;
    } finally {
      await examples.close();
    }
  } finally {
    await trainable.gradients.close();
  }
}

const beginning: TrainingProgress = { step: 0, images: 0, skipped: 0, seconds: 0, position: null };

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The steps of a training, with a checkpoint every few minutes. */
class Run {
  private readonly totalSteps: number;
  private lastSave = performance.now();

  constructor(
    private readonly options: TrainingOptions,
    private readonly trainable: TrainableModel,
    private readonly examples: ExampleSource,
    private readonly log: LossLog,
    private readonly progress: Mutable<TrainingProgress>,
  ) {
    const { epochs, stepsPerEpoch } = options.config;
    this.totalSteps = epochs * stepsPerEpoch;
  }

  async run(): Promise<TrainingOutcome> {
    const { config, signal, onStep } = this.options;
    while (this.progress.step < this.totalSteps && !signal?.aborted) {
      const report = await this.step();
      this.log.add(report);
      onStep?.(report);
      if (performance.now() - this.lastSave > config.checkpointMinutes * 60_000) await this.save();
    }
    await this.save();
    return this.progress.step < this.totalSteps ? 'interrupted' : 'finished';
  }

  private async step(): Promise<StepReport> {
    const { config } = this.options;
    const { optimizer, gradients } = this.trainable;
    const { progress, totalSteps } = this;
    const started = performance.now();
    const batch = await this.examples.next(progress.step);
    const computed = await gradients.differentiate(optimizer.weights, batch, config.imagesAtOnce);
    requireNumbers(progress.step + 1, computed, batch);
    const learningRate = learningRateAt(progress.step, totalSteps, config.learningRate);
    optimizer.step((name) => computed.byWeight.get(name)!, learningRate);
    progress.step++;
    progress.images += batch.length;
    progress.seconds += (performance.now() - started) / 1000;
    progress.position = this.examples.position();
    const { step, images, seconds } = progress;
    return { step, totalSteps, loss: computed.loss, learningRate, images, seconds };
  }

  private async save(): Promise<void> {
    await written(`The checkpoint after step ${this.progress.step}`, async () => {
      await this.log.save(); // first, because a resumed run drops rows that are too many
      await saveCheckpoint(this.options.out, this.trainable.optimizer, this.progress);
    });
    this.lastSave = performance.now();
  }
}

/**
 * A step with gradients that are not numbers would spoil every weight, so it is not taken.
 *
 * @param step counted from 1
 * @throws CodedError `training` that names what is not a number, and the batch
 */
export function requireNumbers(
  step: number,
  { loss, byWeight }: Gradients,
  batch: readonly Pick<Example, 'key'>[],
): void {
  const broken = [...byWeight].find(([, gradient]) => !areNumbers(gradient))?.[0];
  if (Number.isFinite(loss) && broken === undefined) return;
  const what = Number.isFinite(loss) ? `the gradient of ${broken} is not a number` : `the loss is ${loss}`;
  throw new CodedError(
    'training',
    `Step ${step}: ${what}. The batch was ${batch.map(({ key }) => key).join(', ')}. ` +
      'Nothing was learnt from it; the last checkpoint is kept. A lower learning rate may help.',
  );
}

/** @throws CodedError `training` that says what did not fit onto the disk, and how to go on. */
async function written(what: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (systemErrorCode(cause) !== 'ENOSPC') throw cause;
    throw new CodedError(
      'training',
      `${what} could not be written: the disk is full. The last checkpoint is kept; make room and continue with --resume.`,
      { cause },
    );
  }
}

function areNumbers(values: Float32Array): boolean {
  // Every step asks this of every gradient, and the array's own methods are ten times slower.
  for (let index = 0; index < values.length; index++) if (!Number.isFinite(values[index])) return false;
  return true;
}

/** Of the original's `linear_warmup_cosine_lr`. */
interface LearningRateSchedule {
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
