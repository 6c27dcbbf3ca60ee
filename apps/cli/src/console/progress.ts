import cliProgress from 'cli-progress';

/** A bar on stderr, where stderr is a terminal; silent elsewhere. */
export class Progress {
  private readonly bar: cliProgress.SingleBar;
  private stage?: string;

  /** @param formatCount writes how much is done, such as `formatBytes`. */
  constructor(formatCount: (count: number) => string = String) {
    this.bar = new cliProgress.SingleBar({
      stream: process.stderr,
      noTTYOutput: false,
      hideCursor: true,
      clearOnComplete: true,
      etaBuffer: 50,
      formatValue: (value, options, type) =>
        type === 'value' || type === 'total'
          ? formatCount(value)
          : cliProgress.Format.ValueFormat(value, options, type),
      format: '{stage} {bar} {percentage} % | {value} of {total} | {eta_formatted} left',
    });
  }

  update(stage: string, done: number, total: number): void {
    if (stage !== this.stage) {
      this.bar.start(total, done, { stage });
      this.stage = stage;
    }
    this.bar.update(done);
  }

  stop(): void {
    this.bar.stop();
  }
}
