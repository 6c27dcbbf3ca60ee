import { setImmediate as nextTurn } from 'node:timers/promises';

/** A part of the engine that works in short pieces. */
export interface Stage {
  /**
   * Does one piece of work.
   * @returns false when there was none
   */
  step(): Promise<boolean>;
}

/**
 * Takes turns between the stages of the engine, one piece of work each, for as long as any has work. Network runs
 * block the thread, so between two turns it lets the thread's messages in: that is when new requests and
 * cancellations arrive.
 */
export class ExecutionLoop {
  private readonly stages: Stage[] = [];
  private isRunning = false;
  private isWanted = false;

  /**
   * @param beforeTurn called ahead of any network run of a turn; when it throws, the loop ends and with it the thread
   * @param afterTurn called when every stage has had its turn
   */
  constructor(
    private readonly beforeTurn: () => void,
    private readonly afterTurn: () => void,
  ) {}

  add(stage: Stage): void {
    this.stages.push(stage);
  }

  /** Says that a stage may have work. */
  wake(): void {
    this.isWanted = true;
    if (!this.isRunning) void this.run();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    while (this.isWanted) {
      this.isWanted = false;
      await nextTurn();
      this.beforeTurn();
      for (const stage of this.stages) {
        if (await stage.step()) this.isWanted = true;
      }
      this.afterTurn();
    }
    this.isRunning = false;
  }
}
