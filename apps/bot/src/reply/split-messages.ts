import { openFence } from './heal-markdown.js';

/** Room in each message for closing a code block that goes on in the next one. */
const fenceRoom = 16;
/** In code units. */
const maxCharacterLength = 64;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Splits an answer into messages of at most `maxLength` characters: between paragraphs where that leaves the
 * message reasonably full, else between lines, sentences or words. A code block that must be cut is closed and
 * opened again. Where earlier messages end never changes as the text grows, so they need not be edited again.
 */
export function splitIntoMessages(markdown: string, maxLength: number): string[] {
  const messages: string[] = [];
  let rest = markdown;
  while (rest.length > maxLength) {
    const end = naturalEnd(rest, maxLength - fenceRoom);
    const head = rest.slice(0, end).trimEnd();
    const fence = openFence(head);
    messages.push(fence ? `${head}\n${fence.marker}` : head);
    const tail = rest.slice(end);
    rest = fence ? `${fence.opening}\n${tail.replace(/^\n/, '')}` : tail.trimStart();
  }
  return rest === '' ? messages : [...messages, rest];
}

/** Where to end a message that has room for so many characters of `text`. */
function naturalEnd(text: string, room: number): number {
  const window = text.slice(0, room);
  const half = window.length / 2;
  const fence = openFence(window);
  if (fence) {
    if (fence.start > half) return fence.start;
    const lineEnd = window.lastIndexOf('\n');
    return lineEnd > fence.start + fence.opening.length ? lineEnd : fitCharacters(text, room);
  }
  const ends = [
    window.lastIndexOf('\n\n'),
    window.lastIndexOf('\n'),
    lastEnd(window, /[.!?…]["')\]*_]*(?=\s)|[。！？]/g),
  ];
  return (
    ends.find((end) => end > half) ?? positive(lastEnd(window, /\S(?=\s)/g)) ?? fitCharacters(text, room)
  );
}

function lastEnd(text: string, pattern: RegExp): number {
  const last = [...text.matchAll(pattern)].at(-1);
  return last ? last.index + last[0].length : 0;
}

function positive(value: number): number | undefined {
  return value > 0 ? value : undefined;
}

/** Where the first character begins that does not fit; it may be made of many code units. */
function fitCharacters(text: string, room: number): number {
  return graphemes.segment(text.slice(0, room + maxCharacterLength)).containing(room)?.index || room;
}
