import { type DecoderRows, FEWEST_PREFILL_TOKENS } from './decoder.js';
import type { ContextToken } from './prompt.js';

/** A row of the KV cache and what it holds. */
export interface Slot {
  readonly row: number;
  /** What the row's written positions stand for. */
  readonly tokens: ContextToken[];
  /** How many of them, from the first on, were computed as parts of a prompt. */
  settled: number;
}

interface TableSlot extends Slot {
  row: number;
  state: 'idle' | 'prefilling' | 'decoding';
  /** A count of uses, not a time; 0 when never used. */
  lastUsed: number;
}

/**
 * Which sequence has which row of the KV cache.
 *
 * The decoding slots always are the last ones, because one network run takes a contiguous range of rows; when a sequence
 * leaves the range, another takes its row. Idle slots keep what they hold, as a prefix cache: a new sequence starts
 * from the slot with which its prompt has the longest common beginning, and the least recently used slot goes first.
 */
export class SlotTable {
  private readonly storage: Pick<DecoderRows, 'copyRow' | 'swapRows'>;
  /** By row. */
  private readonly slots: TableSlot[];
  private firstDecoding: number;
  private uses = 0;

  /**
   * @param reusesReplies whether a new prompt may start from tokens that were computed one by one, as parts of a reply.
   *   ONNX Runtime's attention gives them other last bits than as parts of a prompt.
   */
  constructor(
    storage: Pick<DecoderRows, 'rows' | 'copyRow' | 'swapRows'>,
    private readonly reusesReplies: boolean,
  ) {
    this.storage = storage;
    this.firstDecoding = storage.rows;
    this.slots = Array.from({ length: storage.rows }, (_, row) => ({
      row,
      tokens: [],
      settled: 0,
      state: 'idle' as const,
      lastUsed: 0,
    }));
  }

  /** Slots without a sequence. */
  get idle(): number {
    return this.slots.filter(({ state }) => state === 'idle').length;
  }

  /** Positions written by sequences that have not ended. */
  get positionsInUse(): number {
    return this.slots.reduce((sum, { state, tokens }) => sum + (state === 'idle' ? 0 : tokens.length), 0);
  }

  /** The slots of the next decode step, by row. */
  get decoding(): readonly Slot[] {
    return this.slots.slice(this.firstDecoding);
  }

  /**
   * Takes an idle slot for a prompt. The slot's tokens are the beginning of the prompt that needs no computing; they
   * never are the whole prompt, whose end has to be computed for its logits.
   */
  acquire(prompt: readonly ContextToken[]): Slot | undefined {
    const idle = this.slots.filter(({ state }) => state === 'idle');
    if (idle.length === 0) return undefined;

    const { source, common } = this.longestCommonPrefix(prompt);
    const slot = worthTakingOver(source, common)
      ? source
      : idle.reduce((oldest, candidate) => (candidate.lastUsed < oldest.lastUsed ? candidate : oldest));
    if (slot === source) {
      slot.tokens.length = common;
    } else {
      this.storage.copyRow(source.row, slot.row, common);
      slot.tokens.splice(0, Infinity, ...source.tokens.slice(0, common));
    }
    slot.settled = Math.min(source.settled, common);
    slot.state = 'prefilling';
    slot.lastUsed = ++this.uses;
    return slot;
  }

  /** Moves a slot whose prompt is computed to the decoding ones. */
  startDecoding(slot: Slot): void {
    this.swap(slot.row, --this.firstDecoding);
    this.slots[slot.row]!.state = 'decoding';
  }

  /** Gives a slot back; its tokens stay for prompts that begin like them. */
  release(slot: Slot): void {
    const released = this.slots[slot.row]!;
    if (released.state === 'decoding') this.swap(released.row, this.firstDecoding++);
    released.state = 'idle';
    released.lastUsed = ++this.uses;
  }

  private longestCommonPrefix(prompt: readonly ContextToken[]): { source: TableSlot; common: number } {
    let source = this.slots[0]!;
    let common = -1;
    for (const slot of this.slots) {
      const reusable = this.reusesReplies ? slot.tokens.length : slot.settled;
      const length = commonPrefixLength(slot.tokens, prompt, reusable);
      if (length > common || (length === common && slot.state === 'idle' && source.state !== 'idle')) {
        source = slot;
        common = length;
      }
    }
    return { source, common };
  }

  private swap(a: number, b: number): void {
    if (a === b) return;
    const [slotA, slotB] = [this.slots[a]!, this.slots[b]!];
    this.storage.swapRows(a, b, slotA.tokens.length, slotB.tokens.length);
    slotA.row = b;
    slotB.row = a;
    this.slots[a] = slotB;
    this.slots[b] = slotA;
  }
}

/** Whether a new sequence may overwrite what follows the common prefix; else that prefix is copied elsewhere. */
function worthTakingOver(slot: TableSlot, common: number): boolean {
  return slot.state === 'idle' && common > 0 && common * 2 >= slot.tokens.length;
}

function commonPrefixLength(
  held: readonly ContextToken[],
  prompt: readonly ContextToken[],
  reusable: number,
): number {
  const limit = Math.min(reusable, prompt.length - FEWEST_PREFILL_TOKENS);
  let length = 0;
  while (length < limit && held[length] === prompt[length]) length++;
  return length;
}
