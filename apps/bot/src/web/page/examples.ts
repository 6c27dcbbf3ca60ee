import { byId } from '/shared/elements.js';

import { element } from './elements.js';
import { fill, words } from './settings.js';

/** Pictures to begin with, for those who have none at hand. The model answers in English, so they ask in it. */
const examples = [
  { file: 'fox.png', question: 'What is this?' },
  { file: 'bus.png', question: 'Describe this image in detail.' },
  { file: 'blossoms.png', question: 'How many are there?' },
  { file: 'lobster-and-tulip.png', question: 'What is on the left?' },
];

export function showExamples(ask: (file: File, question: string) => void): void {
  byId('examples').replaceChildren(
    ...examples.map(({ file, question }) => {
      const address = `/page/examples/${file}`;
      const choose = async () => {
        const blob = await (await fetch(address)).blob();
        ask(new File([blob], file, { type: blob.type }), question);
      };
      const label = fill(words.tryExample, { question });
      return element(
        'li',
        {},
        element(
          'button',
          { type: 'button', click: choose, 'aria-label': label },
          element('img', { src: address, alt: '', width: 112, height: 112 }),
          element('span', {}, question),
        ),
      );
    }),
  );
}
