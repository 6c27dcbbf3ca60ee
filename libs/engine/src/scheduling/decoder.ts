import type { Sampler } from '../sampling/sampler.js';
import type { Prompt } from './prompt.js';

/**
 * ONNX Runtime computes a single position with other kernels than several, and the last bits differ. So a prompt is
 * never computed by single positions: its logits then do not depend on where it was cut and how much was cached.
 */
export const FEWEST_PREFILL_TOKENS = 2;

/** How many of the tokens left go into one run, so that never a single one is left. */
export function pieceOf(rest: number, budget: number): number {
  return rest < budget + FEWEST_PREFILL_TOKENS ? rest : budget;
}

/** One sequence's part in a decode step. */
export interface DecodeInput {
  /** The token chosen last, whose key and value the step writes. */
  readonly tokenId: number;
  /** Its position in the context. */
  readonly position: number;
}

/** One sequence's part in a burst. */
export interface BurstInput extends DecodeInput {
  readonly sampler: Pick<Sampler, 'plan'>;
}

/**
 * The decoder network and its KV cache, as the scheduler drives them. The cache has one row per slot; a row holds the
 * keys and values of one sequence from position 0 on.
 */
export interface DecoderRows {
  readonly rows: number;
  /** Positions in each row. */
  readonly capacity: number;
  /** Bytes that went to a device of its own memory or came from there, since the start; absent for the processor. */
  readonly transferredBytes?: number;

  /**
   * Computes the prompt's positions from `start` up to `end` into a row that holds the positions before.
   * @returns the logits `[vocabulary]` after the last position when `end` is the prompt's end; they may be overwritten
   */
  prefill(row: number, prompt: Prompt, start: number, end: number): Promise<Float32Array | undefined>;

  /** Copies the first `positions` of a row into another. */
  copyRow(from: number, to: number, positions: number): void;

  /** Exchanges the contents of two rows: the first `positionsOfA` of row `a`, the first `positionsOfB` of row `b`. */
  swapRows(a: number, b: number, positionsOfA: number, positionsOfB: number): void;
}

/** A decoder that computes one token of each sequence a run, and leaves the choice of the next to others. */
export interface Decoder extends DecoderRows {
  /**
   * Computes one position for each of the last rows, as many as there are inputs.
   * @returns each row's logits `[vocabulary]`; they may be overwritten
   */
  decode(inputs: readonly DecodeInput[]): Promise<readonly Float32Array[]>;
}

/** A decoder that computes several tokens of each sequence a run, and samples them there. */
export interface BurstDecoder extends DecoderRows {
  /** The most tokens of a sequence in one run. */
  readonly burstLength: number;

  /**
   * Computes up to `steps` positions for each of the last rows, fewer when all rows have ended before.
   * @returns each row's tokens; those after its end-of-sequence token mean nothing
   */
  decodeBurst(inputs: readonly BurstInput[], steps: number): Promise<readonly (readonly number[])[]>;
}
