import type { RunningContender } from './contenders/running-contender.js';

/** A contender that is ready to be started, with whatever room for conversations an exercise needs. */
export interface Candidate {
  readonly name: string;
  /** The model's files. */
  readonly files: string;
  /** What keys and values take once it runs with so much room, in bytes. */
  keyValueBytes(room: Room): number;
  start(room: Room): Promise<RunningContender>;
}

export interface Room {
  readonly conversations: number;
  readonly contextLength: number;
}
