import { cleanCaption } from './web-dataset.js';

describe('a caption from the web', () => {
  it.each([
    ['A Dog, on the BEACH!', 'a dog, on the beach'],
    ['  two   cats\n\n(asleep): "home"~ #cats; *  ', 'two cats asleep home cats'],
    ["it's 3.5 m - wide", "it's 3 5 m - wide"],
    ['!!!', ''],
  ])('%j is learnt as %j', (caption, cleaned) => {
    expect(cleanCaption(caption)).toBe(cleaned);
  });

  it('ends after fifty words', () => {
    expect(cleanCaption('word '.repeat(60))).toBe('word '.repeat(50).trim());
  });
});
