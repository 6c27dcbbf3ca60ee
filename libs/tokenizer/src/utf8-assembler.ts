/** Joins bytes that arrive one by one into characters. */
export interface CharacterAssembler {
  /** The characters that are complete with this byte; mostly none or one. */
  push(byte: number): string;
  /** Gives up on a character that was begun and not completed. */
  flush(): string;
}

/** Broken bytes that could begin one character become one U+FFFD together, as Python and the web decode. */
export class WholeUtf8Assembler implements CharacterAssembler {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  push(byte: number): string {
    return this.decoder.decode(Uint8Array.of(byte), { stream: true });
  }

  flush(): string {
    return this.decoder.decode();
  }
}

/**
 * Joins bytes that arrive one by one into characters. A byte that cannot belong to a character becomes one
 * U+FFFD, byte for byte, as SentencePiece decodes; `TextDecoder` would make one of several.
 */
export class Utf8Assembler implements CharacterAssembler {
  private pending: number[] = [];

  push(byte: number): string {
    this.pending.push(byte);
    let text = '';
    while (this.pending.length > 0) {
      const length = lengthOfCharacter(this.pending[0]!);
      const isBroken = this.pending.slice(1, length).some((trailing) => !isTrailingByte(trailing));
      if (length > this.pending.length && !isBroken) break;
      const character = isBroken ? undefined : decodeCharacter(this.pending.slice(0, length));
      text += character ?? REPLACEMENT_CHARACTER;
      this.pending = this.pending.slice(character === undefined ? 1 : length);
    }
    return text;
  }

  flush(): string {
    const text = REPLACEMENT_CHARACTER.repeat(this.pending.length);
    this.pending = [];
    return text;
  }
}

const REPLACEMENT_CHARACTER = '\uFFFD';

/** By its first byte. A byte that begins none counts as one alone. */
function lengthOfCharacter(firstByte: number): number {
  if ((firstByte & 0xe0) === 0xc0) return 2;
  if ((firstByte & 0xf0) === 0xe0) return 3;
  if ((firstByte & 0xf8) === 0xf0) return 4;
  return 1;
}

function isTrailingByte(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined for overlong forms, surrogates and what lies beyond Unicode. */
function decodeCharacter(bytes: readonly number[]): string | undefined {
  try {
    return strictDecoder.decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}
