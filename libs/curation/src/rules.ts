import { faultOf } from '#libs/evaluation';

/** What was put right in an answer of the repair model, and how that is said. */
export const mendings = {
  apology: 'freed of an apology',
  framing: 'freed of words around the text',
  'already correct': 'taken as described, being correct already',
} as const;
export type Mending = keyof typeof mendings;

export interface MendedAnswer {
  readonly caption: string;
  readonly mendings: readonly Mending[];
}

/** Why a pair is dropped, and how that is said. */
export const dropReasons = {
  unreadable: 'the picture cannot be read',
  refused: 'the repair model’s content filter refused it',
  empty: 'there are no words',
  apology: 'it apologises or refuses instead of describing',
  leftover: 'it keeps parts of prompts or templates',
  incomplete: 'it says itself that something is incomplete',
  short: 'it is too short to be a detailed description',
  foreign: 'it is not English',
  repetition: 'it repeats itself',
  'cut-off': 'it breaks off',
  rejected: 'it was rejected in the review',
} as const;
export type DropReason = keyof typeof dropReasons;

/** Shorter ones were dropped by the authors as well. */
const SHORTEST = 50;

/** Of all letters, those that other alphabets than the Latin may make. */
const FOREIGN_SHARE = 0.1;

/** Beyond this an answer that says "already correct" also says something else. */
const LONGEST_REMARK = 200;

const apology = /\b(?:I['’]?m sorry|I am sorry|I apologi[sz]e|my apologies|apologies for|sorry for)\b/i;
const refusal =
  /\bas an? (?:AI|language model)\b|\bI (?:cannot|can['’]t|am unable to|do not have)\b|\bplease provide\b/i;
const framing =
  /^(?:(?:sure|certainly|of course)[,.!]?\s+)?(?:here(?:['’]s| is| are)\b[^:\n]{0,80}|(?:the )?(?:corrected|fixed|revised|edited|improved)(?: (?:paragraph|version|text|description))?|(?:output|result))\s*:\s*/i;
const remark = /\n+\s*\(?(?:note|explanation|changes made)\s*:[\s\S]*$/i;
const alreadyCorrect =
  /\balready correct\b|\bno (?:errors?|changes|corrections)\b|\b(?:is|appears) correct\b/i;
const leftover = /###|\b(?:human|assistant)\s*:|<\/?(?:img|imagehere)>|\[\/?inst\]|\uFFFD/i;
const aboutTheParagraph = /\b(?:given|input|corrected|above) paragraph\b/i;

/** Takes away what repair models add although they are asked not to. */
export function mendAnswer(answer: string, description: string): MendedAnswer {
  const text = withoutQuotes(answer.trim());
  if (text.length < LONGEST_REMARK && alreadyCorrect.test(text)) {
    return { caption: oneLine(description), mendings: ['already correct'] };
  }
  const unframed = withoutQuotes(text.replace(framing, '').replace(remark, ''));
  const sentences = oneLine(unframed).split(/(?<=[.!?])\s+/);
  const wanted = sentences.filter((sentence) => !apology.test(sentence));
  return {
    caption: wanted.join(' '),
    mendings: [
      ...(unframed === text ? [] : (['framing'] as const)),
      ...(wanted.length === sentences.length ? [] : (['apology'] as const)),
    ],
  };
}

/** The first rule that a caption breaks. */
export function dropReasonOf(caption: string): DropReason | undefined {
  const fault = faultOf(caption, 'stop');
  if (fault === 'empty') return 'empty';
  if (apology.test(caption) || refusal.test(caption)) return 'apology';
  if (leftover.test(caption) || aboutTheParagraph.test(caption)) return 'leftover';
  if (/\bincomplete\b/i.test(caption)) return 'incomplete';
  if (caption.length < SHORTEST) return 'short';
  if (foreignShare(caption) > FOREIGN_SHARE) return 'foreign';
  return fault;
}

function foreignShare(text: string): number {
  const letters = text.match(/\p{L}/gu) ?? [];
  return letters.filter((letter) => !/\p{Script=Latin}/u.test(letter)).length / letters.length;
}

function withoutQuotes(text: string): string {
  return text.replace(/^["“]([^"“”]*)["”]$/, '$1').trim();
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
