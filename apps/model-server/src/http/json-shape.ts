import { BadRequestException } from '@nestjs/common';

/** A message with its parts is five levels deep; JSON schemas of tools are deeper. */
const maxDepth = 64;
/** Of members and elements. A conversation that fits any model's context has a hundredth of it. */
const maxCommas = 100_000;

const [quote, backslash, comma] = [...'"\\,'].map((character) => character.charCodeAt(0));
const openings = new Set([...'[{'].map((character) => character.charCodeAt(0)));
const closings = new Set([...']}'].map((character) => character.charCodeAt(0)));

/**
 * Refuses JSON whose parsing alone would hold everybody up. Strings are jumped over, so that images cost next to
 * nothing here.
 * @throws BadRequestException
 */
export function checkJsonShape(json: Buffer): void {
  let depth = 0;
  let commas = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!;
    if (byte === quote) at = endOfString(json, at + 1);
    else if (byte === comma) commas++;
    else if (openings.has(byte)) depth++;
    else if (closings.has(byte)) depth--;
    if (depth > maxDepth) {
      throw new BadRequestException(`The body is nested more than ${maxDepth} levels deep.`);
    }
    if (commas > maxCommas) {
      throw new BadRequestException(`The body has more than ${maxCommas} members and elements.`);
    }
  }
}

/** The place of the quote that ends a string; of the end where none does. */
function endOfString(json: Buffer, start: number): number {
  for (let at = start; ; at++) {
    at = json.indexOf(quote!, at);
    if (at < 0) return json.length;
    let backslashes = 0;
    while (at - 1 - backslashes >= start && json[at - 1 - backslashes] === backslash) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}
