import cliProgress from 'cli-progress';

import type { StepReport } from '#libs/training';

/** Steps averaged into the loss that is shown. */
const SHOWN_STEPS = 20;

/** A bar on stderr with the loss, the learning rate, the speed and the time left; a line now and then elsewhere. */
export class TrainingProgressBar {
  private readonly bar = new cliProgress.SingleBar({
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 10_000,
    hideCursor: true,
    format: '{bar} {value} of {total} steps | loss {loss} | rate {rate} | {speed} images/s | {left} left',
  });
  private readonly losses: number[] = [];
  private started = false;

  update(report: StepReport): void {
    const { step, totalSteps, loss, learningRate, images, seconds } = report;
    if (!this.started) {
      this.started = true;
      this.bar.start(totalSteps, step - 1, { loss: '–', rate: '–', speed: '–', left: '–' });
    }
    this.losses.push(loss);
    if (this.losses.length > SHOWN_STEPS) this.losses.shift();
    this.bar.update(step, {
      loss: (this.losses.reduce((sum, each) => sum + each, 0) / this.losses.length).toFixed(3),
      rate: learningRate.toExponential(1),
      speed: (images / seconds).toFixed(0),
      left: formatDuration((seconds / step) * (totalSteps - step)),
    });
  }

  stop(): void {
    this.bar.stop();
  }
}

function formatDuration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.round(seconds)} s`;
}
