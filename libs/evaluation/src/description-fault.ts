import type { FinishReason } from '#libs/engine';

/** How a description fails, as the paper counts: nothing said, the same again and again, or no end (section 3.2). */
export const descriptionFaults = ['empty', 'repetition', 'cut-off'] as const;
export type DescriptionFault = (typeof descriptionFaults)[number];

/** Words of a sentence that may well come twice, such as "It is large." */
const SHORT_SENTENCE_WORDS = 4;

/** Some phrase of up to ten words, three times in a row. */
const loop = /(?<!\p{L})(\p{L}+(?:\P{L}+\p{L}+){0,9}?)(?:\P{L}+\1(?!\p{L})){2}/iu;

/** The fault of a description, the worst first; undefined where there is none. */
export function faultOf(description: string, finishReason: FinishReason): DescriptionFault | undefined {
  if (!/\p{L}/u.test(description)) return 'empty';
  if (repeatsItself(description)) return 'repetition';
  if (finishReason === 'length' || !endsLikeASentence(description)) return 'cut-off';
  return undefined;
}

function endsLikeASentence(text: string): boolean {
  return /[.!?…]["'”’)\]]*$/u.test(text);
}

function repeatsItself(text: string): boolean {
  const sentences = text
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.trim().toLowerCase())
    .filter((sentence) => sentence.split(/\s+/).length > SHORT_SENTENCE_WORDS);
  return new Set(sentences).size < sentences.length || loop.test(text);
}
