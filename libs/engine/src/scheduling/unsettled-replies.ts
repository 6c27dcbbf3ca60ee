import { type BurstDecoder, type Decoder, FEWEST_PREFILL_TOKENS, pieceOf } from './decoder.js';
import type { Prompt } from './prompt.js';
import type { RunningSequence } from './sequence.js';
import type { Slot } from './slot-table.js';

/**
 * Replies in idle slots that stand there as they were decoded, token by token. Other kernels may give a prompt's tokens
 * other last bits, so they are computed once more, as a prompt, before a follow-up starts from them.
 */
export class UnsettledReplies {
  /** The whole conversations, in the order in which their replies ended. */
  private readonly conversations = new Map<Slot, Prompt>();

  constructor(private readonly decoder: Decoder | BurstDecoder) {}

  add({ slot, prompt }: RunningSequence): void {
    if (slot.tokens.length - slot.settled < FEWEST_PREFILL_TOKENS) return;
    this.conversations.set(slot, prompt.followedBy(slot.tokens.slice(prompt.tokens.length) as number[]));
  }

  /** The slot is in use again. */
  forget(slot: Slot): void {
    this.conversations.delete(slot);
  }

  /**
   * Computes a piece of the reply that ended last.
   * @returns how many tokens it computed, none where it failed, and how long that took; undefined when nothing is left
   */
  async settle(budget: number): Promise<{ tokens: number; seconds: number } | undefined> {
    const [slot, prompt] = [...this.conversations].at(-1) ?? [];
    if (!slot || !prompt) return undefined;
    const start = slot.settled;
    const tokens = pieceOf(slot.tokens.length - start, budget);
    const startedAt = performance.now();
    let computed = tokens;
    try {
      await this.decoder.prefill(slot.row, prompt, start, start + tokens);
      slot.settled += tokens;
    } catch {
      // Nobody waits for it. What the slot holds up to here is right, and a follow-up that fails too says so.
      slot.tokens.length = start;
      computed = 0;
    }
    if (slot.tokens.length - slot.settled < FEWEST_PREFILL_TOKENS) this.forget(slot);
    return { tokens: computed, seconds: (performance.now() - startedAt) / 1000 };
  }
}
