import type { ReplyEnding } from '../contract/index.js';

/** Takes an answer as fast as the model writes it, and shows it as fast as the platform accepts it. */
export interface ReplyWriter {
  /** Aborted when the reply can go nowhere any more; the answer is then cancelled. */
  readonly gone: AbortSignal;
  /** Says what is happening before the first text. */
  thinking(status: string): void;
  /** Adds text. */
  write(piece: string): void;
  /** Shows what is left, and how it ended. Resolves when the platform has accepted it, or the reply is gone. */
  finish(ending: ReplyEnding): Promise<void>;
}
