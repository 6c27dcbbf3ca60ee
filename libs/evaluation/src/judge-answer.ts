import type { ExpectedAnswer } from './picture-set.js';

/** Whether a reply is the answer that was expected. */
export function isRight(reply: string, expected: ExpectedAnswer): boolean {
  switch (expected.kind) {
    case 'sentence':
      return reply === expected.sentence;
    case 'choice':
      return chosen(reply, expected.choices) === expected.right;
    case 'words':
      return says(reply, expected.words);
  }
}

/** What a person would have liked to read. */
export function rightAnswer(expected: ExpectedAnswer): string {
  switch (expected.kind) {
    case 'sentence':
      return expected.sentence;
    case 'choice':
      return expected.right;
    case 'words':
      return expected.words;
  }
}

/** The choice that a reply names first, and of two that begin there the longer: "black bear" is not "black". */
function chosen(reply: string, choices: readonly string[]): string | undefined {
  const text = plainWords(reply);
  return choices
    .map((choice) => ({ choice, place: text.indexOf(plainWords(choice)) }))
    .filter(({ place }) => place >= 0)
    .toSorted((a, b) => a.place - b.place || b.choice.length - a.choice.length)[0]?.choice;
}

/** Yes and no answer only as a reply's first word: "No, there is no dog" says no, "There is no dog" says neither. */
function says(reply: string, words: string): boolean {
  const text = plainWords(reply);
  const wanted = plainWords(words);
  return wanted === ' yes ' || wanted === ' no ' ? text.startsWith(wanted) : text.includes(wanted);
}

/** Lower case, without punctuation and articles, with a space around each word. */
function plainWords(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return ` ${words.filter((word) => !/^(a|an|the)$/.test(word)).join(' ')} `;
}
