import cliProgress from 'cli-progress';

import { formatBytes } from './format.js';

/** A bar on stderr that counts bytes, where stderr is a terminal; silent elsewhere. */
export class ByteProgress {
  private readonly bar = new cliProgress.SingleBar({
    stream: process.stderr,
    noTTYOutput: false,
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 50,
    formatValue: (value, options, type) =>
      type === 'value' || type === 'total'
        ? formatBytes(value)
        : cliProgress.Format.ValueFormat(value, options, type),
    format: '{stage} {bar} {percentage} % | {value} of {total} | {eta_formatted} left',
  });
  private stage?: string;

  update(stage: string, doneBytes: number, totalBytes: number): void {
    if (stage !== this.stage) {
      this.bar.start(totalBytes, doneBytes, { stage });
      this.stage = stage;
    }
    this.bar.update(doneBytes);
  }

  stop(): void {
    this.bar.stop();
  }
}
