import { KnownObjects } from './evaluate.js';

describe('the known objects that a text mentions', () => {
  const known = new KnownObjects(['a tiger', 'a tiger face', 'a cat', 'an apple (green)']);

  it('are found in any case, each once', () => {
    expect(known.mentionedIn('A cat sits on the left. A cat sits on the right.')).toEqual(['a cat']);
  });

  it('are the longer of two names', () => {
    expect(known.mentionedIn('The image shows a tiger face.')).toEqual(['a tiger face']);
  });

  it('are whole words, with their article', () => {
    expect(known.mentionedIn('A category is often associated with cat and tiger.')).toEqual([]);
  });

  it('may hold what means something in a pattern', () => {
    expect(known.mentionedIn('There is an apple (green).')).toEqual(['an apple (green)']);
  });

  it('are none where nothing is known', () => {
    expect(new KnownObjects([]).mentionedIn('A cat.')).toEqual([]);
  });
});
