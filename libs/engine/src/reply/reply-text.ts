/** Turns token ids into text piece by piece and never gives out half a character. */
export interface TokenTextDecoder {
  /** The text that the new token completes; empty while a character is unfinished. */
  push(tokenId: number): string;
  /** What is left at the end of the reply. */
  flush(): string;
}

export interface ReplyPiece {
  /** Text that no stop sequence can claim any more. */
  readonly text: string;
  /** True when a stop sequence was completed; `text` ends before it. */
  readonly stopped: boolean;
}

/**
 * The text of a reply as it grows, up to the first stop sequence. Text that may still turn out to be the beginning
 * of a stop sequence is held back, however the tokens cut it.
 */
export class ReplyText {
  private readonly decoder: TokenTextDecoder;
  private readonly stopSequences: readonly string[];
  private held = '';
  private stopped = false;

  /** @param stopSequences none of them empty */
  constructor(decoder: TokenTextDecoder, stopSequences: readonly string[]) {
    this.decoder = decoder;
    this.stopSequences = stopSequences;
  }

  push(tokenId: number): ReplyPiece {
    return this.append(this.decoder.push(tokenId));
  }

  /** The rest of the reply: nothing after a stop sequence, else what was held back. */
  end(): string {
    if (this.stopped) return '';
    const { text } = this.append(this.decoder.flush());
    return text + this.held;
  }

  private append(text: string): ReplyPiece {
    this.held += text;
    const stop = this.firstStop();
    this.stopped = stop !== undefined;
    const end = stop ?? this.held.length - this.possibleStopLength();
    const piece = this.held.slice(0, end);
    this.held = this.stopped ? '' : this.held.slice(end);
    return { text: piece, stopped: this.stopped };
  }

  /** Where the stop sequence that is completed first begins. */
  private firstStop(): number | undefined {
    let first: { start: number; end: number } | undefined;
    for (const stopSequence of this.stopSequences) {
      const start = this.held.indexOf(stopSequence);
      if (start < 0) continue;
      const end = start + stopSequence.length;
      if (!first || end < first.end || (end === first.end && start < first.start)) first = { start, end };
    }
    return first?.start;
  }

  /** The length of the longest end of the held text with which a stop sequence begins. */
  private possibleStopLength(): number {
    let longest = 0;
    for (const stopSequence of this.stopSequences) {
      for (let length = Math.min(stopSequence.length - 1, this.held.length); length > longest; length--) {
        if (stopSequence.startsWith(this.held.slice(-length))) longest = length;
      }
    }
    return longest;
  }
}
