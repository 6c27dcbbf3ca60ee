import { Utf8Assembler } from './utf8-assembler.js';

/** What a token id stands for in decoded text. */
export type DecodedPiece =
  | { readonly kind: 'text'; readonly text: string }
  /** One byte of a character that is not in the vocabulary. */
  | { readonly kind: 'byte'; readonly byte: number }
  /** Special tokens, and ids past the vocabulary: MiniGPT-4 decodes with `skip_special_tokens`. */
  | { readonly kind: 'skipped' };

/**
 * Decodes token ids as they are generated. The deltas joined are what decoding all ids at once gives, and each
 * holds whole characters only.
 */
export class StreamingDecoder {
  private readonly bytes = new Utf8Assembler();

  /**
   * @param pieceOf looks a token id up in the vocabulary
   * @param leadingSpaces the most spaces to take from the start of the text: those that encoding puts there
   */
  constructor(
    private readonly pieceOf: (id: number) => DecodedPiece,
    private leadingSpaces: number,
  ) {}

  /** The text that is certain with this token: empty while a character is incomplete. */
  push(id: number): string {
    const piece = this.pieceOf(id);
    switch (piece.kind) {
      case 'skipped':
        return '';
      case 'byte':
        this.leadingSpaces = 0;
        return this.bytes.push(piece.byte);
      case 'text':
        return this.bytes.flush() + this.withoutLeadingSpaces(piece.text);
    }
  }

  /** The end of the text: what was held back, as U+FFFD. */
  flush(): string {
    return this.bytes.flush();
  }

  private withoutLeadingSpaces(text: string): string {
    let start = 0;
    while (start < this.leadingSpaces && text[start] === ' ') start++;
    this.leadingSpaces = start === text.length ? this.leadingSpaces - start : 0;
    return text.slice(start);
  }
}
