import { type CharacterAssembler, Utf8Assembler } from './utf8-assembler.js';

/** What a token id stands for in decoded text. */
export type DecodedPiece =
  | { readonly kind: 'text'; readonly text: string }
  /** Bytes of characters, which may be parts of them. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Special tokens, and ids past the vocabulary: MiniGPT-4 decodes with `skip_special_tokens`. */
  | { readonly kind: 'skipped' };

/**
 * Decodes token ids as they are generated. The deltas joined are what decoding all ids at once gives, and each
 * holds whole characters only.
 */
export class StreamingDecoder {
  /**
   * @param pieceOf looks a token id up in the vocabulary
   * @param leadingSpaces the most spaces to take from the start of the text: those that encoding puts there
   * @param bytes joins the bytes of characters, as the vocabulary's kind does with broken ones
   */
  constructor(
    private readonly pieceOf: (id: number) => DecodedPiece,
    private leadingSpaces: number,
    private readonly bytes: CharacterAssembler = new Utf8Assembler(),
  ) {}

  /** The text that is certain with this token: empty while a character is incomplete. */
  push(id: number): string {
    const piece = this.pieceOf(id);
    switch (piece.kind) {
      case 'skipped':
        return '';
      case 'bytes': {
        this.leadingSpaces = 0;
        let text = '';
        for (const byte of piece.bytes) text += this.bytes.push(byte);
        return text;
      }
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
