import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '#libs/files';
import { lossCurve } from './loss-curve.js';

const LOG_FILE = 'loss.csv';
const CURVE_FILE = 'loss.svg';
const HEADER = 'step,loss,learning_rate,images,seconds';

/** What one step of the optimizer did. */
export interface StepReport {
  /** Steps taken so far, this one included. */
  readonly step: number;
  readonly totalSteps: number;
  readonly loss: number;
  readonly learningRate: number;
  /** Images seen so far. */
  readonly images: number;
  /** Seconds of training so far. */
  readonly seconds: number;
}

/** The losses of a run, as a table and as a curve. */
export class LossLog {
  private constructor(
    private readonly folder: string,
    private readonly rows: string[],
    private readonly losses: number[],
  ) {}

  static create(folder: string): LossLog {
    return new LossLog(folder, [], []);
  }

  /** Continues a log after a step; what an interrupted run noted beyond its checkpoint is forgotten. */
  static async resume(folder: string, step: number): Promise<LossLog> {
    const text = await readFile(join(folder, LOG_FILE), 'utf8');
    const rows = text.split('\n').slice(1, step + 1);
    return new LossLog(
      folder,
      rows,
      rows.map((row) => Number(row.split(',')[1])),
    );
  }

  add({ step, loss, learningRate, images, seconds }: StepReport): void {
    this.rows.push(
      [step, loss.toFixed(6), learningRate.toExponential(4), images, seconds.toFixed(2)].join(','),
    );
    this.losses.push(loss);
  }

  /** The mean loss of the last steps, which says more than one batch. */
  recentLoss(steps = 50): number {
    const recent = this.losses.slice(-steps);
    return recent.reduce((sum, loss) => sum + loss, 0) / recent.length;
  }

  async save(): Promise<void> {
    await replaceFile(join(this.folder, LOG_FILE), `${[HEADER, ...this.rows].join('\n')}\n`);
    await replaceFile(join(this.folder, CURVE_FILE), lossCurve(this.losses));
  }
}
