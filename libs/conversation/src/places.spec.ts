import { readFileSync } from 'node:fs';

import { placesIn } from './index.js';

interface BoxCase {
  readonly text: string;
  readonly kind: 'single' | 'phrases' | 'none';
  readonly entities: readonly { readonly phrase: string | null; readonly box: readonly number[] }[];
}

const { box_parsing } = JSON.parse(
  readFileSync('test/fixtures/families/minigpt-v2/expected.json', 'utf8'),
) as { box_parsing: { texts: BoxCase[] } };

const found = (text: string) =>
  placesIn('minigpt-v2', text).map(({ phrase, left, top, right, bottom }) => ({
    phrase: phrase || null,
    box: [left, top, right, bottom],
  }));

/** What the original's demo reads that is no place, and what it overlooks. */
const FOUR_NUMBERS = 'There are 3 of 4 boxes at 10 and 20';
const NEIGHBOURS = '<p>a</p>{<1><2><3><4>}<p>b</p>{<5><6><7><8>}';

describe('the places that a reply names', () => {
  it('are those that the original finds, in its own cases', () => {
    const cases = box_parsing.texts.filter(({ text }) => text !== FOUR_NUMBERS && text !== NEIGHBOURS);
    expect(cases.length).toBeGreaterThan(5);
    for (const { text, entities } of cases) expect([text, found(text)]).toEqual([text, entities]);
  });

  it('are no four numbers that happen to be in a text', () => {
    expect(found(FOUR_NUMBERS)).toEqual([]);
  });

  it('may follow each other at once', () => {
    expect(found(NEIGHBOURS)).toEqual([
      { phrase: 'a', box: [1, 2, 3, 4] },
      { phrase: 'b', box: [5, 6, 7, 8] },
    ]);
  });

  it('lie inside of the picture, and are not turned inside out', () => {
    expect(found('{<0><0><101><50>} {<60><0><40><50>} {<0><0><100><100>}')).toEqual([
      { phrase: null, box: [0, 0, 100, 100] },
    ]);
  });

  it('say where the text speaks of them', () => {
    const text = 'Here is <p>a cat</p> {<1><2><3><4>}<delim>{<5><6><7><8>}.';
    const [first, second] = placesIn('minigpt-v2', text);
    expect(text.slice(first!.start, first!.end)).toBe('<p>a cat</p> {<1><2><3><4>}<delim>{<5><6><7><8>}');
    expect([second!.start, second!.end]).toEqual([first!.start, first!.end]);
  });

  it('are none for models that name none', () => {
    expect(placesIn('vicuna-v1', '{<1><2><3><4>}')).toEqual([]);
  });
});
