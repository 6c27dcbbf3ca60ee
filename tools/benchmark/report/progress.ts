import cliProgress from 'cli-progress';

/** Says on stderr what goes on, where stderr is a terminal. */
export class BenchmarkProgress {
  private readonly bar = new cliProgress.SingleBar({
    stream: process.stderr,
    noTTYOutput: false,
    hideCursor: true,
    clearOnComplete: true,
    format: '{doing} {bar} {percentage} % | {eta_formatted} left',
  });
  private task?: string;

  preparing(what: string): void {
    this.show(what, 0, 1, '');
  }

  makingModel(name: string, doneBytes: number, totalBytes: number): void {
    this.show('making a model', doneBytes, totalBytes, name);
  }

  measuring(section: string, contender: string, done: number, total: number): void {
    this.show(section, done, total, contender);
  }

  stop(): void {
    this.bar.stop();
  }

  private show(task: string, done: number, total: number, what: string): void {
    const doing = what === '' ? task : `${task}: ${what}`;
    if (task !== this.task) this.bar.start(total, done, { doing });
    this.task = task;
    this.bar.update(done, { doing });
  }
}
