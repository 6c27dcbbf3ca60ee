import { isRight } from './judge-answer.js';

describe('an answer to the letter', () => {
  it('is right only to the letter', () => {
    const expected = { kind: 'sentence', sentence: 'It is a bat.' } as const;
    expect(isRight('It is a bat.', expected)).toBe(true);
    expect(isRight('It is a bat', expected)).toBe(false);
  });
});

describe('a choice', () => {
  const choices = ['black', 'a black bear', 'dog'];
  const isChosen = (reply: string, right: string) => isRight(reply, { kind: 'choice', choices, right });

  it('is the one that the reply names, in whatever sentence', () => {
    expect(isChosen('The animal is a dog.', 'dog')).toBe(true);
  });

  it('is the one that the reply names first', () => {
    expect(isChosen('A dog, not black.', 'dog')).toBe(true);
    expect(isChosen('A dog, not black.', 'black')).toBe(false);
  });

  it('is the longer of two that begin with the same words', () => {
    expect(isChosen('The black bear.', 'a black bear')).toBe(true);
    expect(isChosen('The black bear.', 'black')).toBe(false);
  });

  it('is none when the reply names none, or only inside another word', () => {
    expect(isChosen('Hotdogs and blackberries.', 'dog')).toBe(false);
  });
});

describe('an open answer', () => {
  const says = (reply: string, words: string) => isRight(reply, { kind: 'words', words });

  it('is right when the reply says it, whatever case and punctuation', () => {
    expect(says('It is on the Traffic-Light, I think.', 'traffic light')).toBe(true);
    expect(says('It is a cart.', 'car')).toBe(false);
  });

  it('is yes or no only as the first word', () => {
    expect(says('No, there is no dog.', 'no')).toBe(true);
    expect(says('There is no dog.', 'yes')).toBe(false);
    expect(says('I see no reason to say yes.', 'yes')).toBe(false);
  });
});
