import { chosenIn, plainWords } from '#libs/vision-model';

import type { ExpectedAnswer } from './picture-set.js';

/** Whether a reply is the answer that was expected. */
export function isRight(reply: string, expected: ExpectedAnswer): boolean {
  switch (expected.kind) {
    case 'sentence':
      return reply === expected.sentence;
    case 'choice':
      return chosenIn(reply, expected.choices) === expected.right;
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

/** Yes and no answer only as a reply's first word: "No, there is no dog" says no, "There is no dog" says neither. */
function says(reply: string, words: string): boolean {
  const text = plainWords(reply);
  const wanted = plainWords(words);
  return wanted === ' yes ' || wanted === ' no ' ? text.startsWith(wanted) : text.includes(wanted);
}
