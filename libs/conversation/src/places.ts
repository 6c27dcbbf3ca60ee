import type { ChatTemplateName } from './template.js';

/** A place in a picture, its sides in percent of the picture's width and height. */
export interface Place {
  /** What is there; empty where the model only says where. */
  readonly phrase: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Where the reply's text speaks of it: from the first character up to the one after the last. */
  readonly start: number;
  readonly end: number;
}

/**
 * `<p>phrase</p>`, where there is one, and what it names: `{<left><top><right><bottom>}`, several joined by `<delim>`
 * (MiniGPT-v2, section 3.2).
 */
const mention = /(?:<p>([^<]*)<\/p>\s*)?(\{(?:<\d{1,3}>){4}\}(?:<delim>\{(?:<\d{1,3}>){4}\})*)/g;

const MOST = 100;

/**
 * The places that a reply names, in order; none with a template whose models name none. Only what has the form of a place
 * counts: the original's demo takes any four numbers for one, and overlooks a phrase that follows the one before at once.
 */
export function placesIn(template: ChatTemplateName, reply: string): Place[] {
  if (template !== 'minigpt-v2') return [];
  return [...reply.matchAll(mention)].flatMap((match) => {
    const [whole, phrase = '', boxes = ''] = match;
    return boxes.split('<delim>').flatMap((box): Place[] => {
      const [left = 0, top = 0, right = 0, bottom = 0] = box.match(/\d+/g)!.map(Number);
      const isInside = left <= right && top <= bottom && right <= MOST && bottom <= MOST;
      const start = match.index;
      return isInside
        ? [{ phrase: phrase.trim(), left, top, right, bottom, start, end: start + whole.length }]
        : [];
    });
  });
}
