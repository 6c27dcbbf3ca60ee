import { BadRequestException } from '@nestjs/common';

/** A message with its parts is five levels deep; JSON schemas of tools are deeper. */
const maxDepth = 64;
/** Of members and elements. A conversation that fits any model's context has a hundredth of it. */
const maxCommas = 100_000;

/** Of a string that is long, so many bytes are kept to tell what it is. */
const beginningBytes = 16_384;
/** A longer key stands shortened in paths. */
const longestKey = 64;

const [quote, backslash, comma] = [...'"\\,'].map((character) => character.charCodeAt(0));
const [openObject, openList] = [...'{['].map((character) => character.charCodeAt(0));
const closings = new Set([...']}'].map((character) => character.charCodeAt(0)));

/** Where a value stands, such as `['messages', 0, 'content']`. */
export type JsonPath = readonly (string | number)[];

/** What strings may be, in bytes as they arrive. */
export interface StringBounds {
  /** A longer one has to be an image. */
  readonly text: number;
  /** What all that are not known to be images may have together. */
  readonly texts: number;
  /** An image. */
  readonly image: number;
  /** @throws Error when a string that is longer than a text, and begins so, is no image */
  requireImage(beginning: string, path: JsonPath): void;
  /** What to say when the texts are too long. */
  textsTooLong(): Error;
}

interface OpenString {
  readonly chunks: Buffer[];
  bytes: number;
  isImage: boolean;
  /** Whether what arrived ends in a backslash that belongs to the next character. */
  isEscaping: boolean;
}

/**
 * Refuses JSON that holds everybody up, while it arrives: before it is kept, and long before it is parsed. Strings are
 * jumped over, so that images cost next to nothing here.
 */
export class JsonShape {
  /** Of the open objects the key, of the open lists the index, that is being read. */
  private readonly path: (string | number)[] = [];
  private expectsKey = false;
  private commas = 0;
  private textBytes = 0;
  private string: OpenString | undefined;

  constructor(private readonly bounds: StringBounds) {}

  /** @throws BadRequestException, and what the bounds throw */
  take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      at = this.string ? this.takeString(this.string, chunk, at) : this.takeOthers(chunk, at);
    }
  }

  /** @returns the place after what it took */
  private takeOthers(chunk: Buffer, start: number): number {
    for (let at = start; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte === quote) {
        this.string = { chunks: [], bytes: 0, isImage: false, isEscaping: false };
        return at + 1;
      }
      if (byte === comma) this.passComma();
      else if (byte === openObject || byte === openList) this.open(byte === openObject);
      else if (closings.has(byte)) {
        this.path.pop();
        this.expectsKey = false;
      }
    }
    return chunk.length;
  }

  private open(isObject: boolean): void {
    this.path.push(isObject ? '' : 0);
    this.expectsKey = isObject;
    if (this.path.length <= maxDepth) return;
    throw new BadRequestException(`The body is nested more than ${maxDepth} levels deep.`);
  }

  private passComma(): void {
    const last = this.path.length - 1;
    const index = this.path[last];
    if (typeof index === 'number') this.path[last] = index + 1;
    else this.expectsKey = true;
    if (++this.commas <= maxCommas) return;
    throw new BadRequestException(`The body has more than ${maxCommas} members and elements.`);
  }

  private takeString(string: OpenString, chunk: Buffer, start: number): number {
    const { end, isEscaping } = endOfString(chunk, start, string.isEscaping);
    string.isEscaping = isEscaping;
    this.count(string, chunk.subarray(start, end));
    if (end === chunk.length) return end;
    if (this.expectsKey) {
      this.path[this.path.length - 1] = beginningOf(string).slice(0, longestKey);
      this.expectsKey = false;
    }
    this.string = undefined;
    return end + 1;
  }

  private count(string: OpenString, part: Buffer): void {
    const { bounds } = this;
    if (string.bytes < beginningBytes) string.chunks.push(part);
    string.bytes += part.length;
    if (!string.isImage) {
      this.textBytes += part.length;
      if (string.bytes > bounds.text) {
        bounds.requireImage(beginningOf(string), this.path);
        string.isImage = true;
        this.textBytes -= string.bytes;
      }
    }
    if (this.textBytes > bounds.texts) throw bounds.textsTooLong();
    if (string.bytes > bounds.image) {
      throw new BadRequestException(`${this.path.join('.')}: It has more than ${bounds.image} bytes.`);
    }
  }
}

/** As it arrived, with escapes. */
function beginningOf({ chunks }: OpenString): string {
  return Buffer.concat(chunks).subarray(0, beginningBytes).toString('utf8');
}

/** The place of the quote that ends a string; the chunk's end where none does. */
function endOfString(
  chunk: Buffer,
  start: number,
  isEscaping: boolean,
): { readonly end: number; readonly isEscaping: boolean } {
  const first = isEscaping ? start + 1 : start;
  const isEscaped = (at: number) => {
    let backslashes = 0;
    while (at - 1 - backslashes >= first && chunk[at - 1 - backslashes] === backslash) backslashes++;
    return backslashes % 2 === 1;
  };
  for (let at = first; ; at++) {
    at = chunk.indexOf(quote!, at);
    if (at < 0) return { end: chunk.length, isEscaping: isEscaped(chunk.length) };
    if (!isEscaped(at)) return { end: at, isEscaping: false };
  }
}
