import { faultOf } from './description-fault.js';

describe('a description', () => {
  it('is fine when it is made of different, finished sentences', () => {
    const text = 'The image shows a bat. It is large. It is black. "A bat," they say, "is an animal."';
    expect(faultOf(text, 'stop')).toBeUndefined();
  });

  it('is empty without a letter', () => {
    expect(faultOf('', 'stop')).toBe('empty');
    expect(faultOf(' 1, 2, … ', 'stop')).toBe('empty');
  });

  it('is cut off when there was no room for more, or no end of the sentence', () => {
    expect(faultOf('The image shows a bat.', 'length')).toBe('cut-off');
    expect(faultOf('The image shows a bat and a', 'stop')).toBe('cut-off');
  });

  it('repeats itself when a whole sentence comes again', () => {
    expect(faultOf('The image shows a bat. It is night. The image shows a bat.', 'stop')).toBe('repetition');
  });

  it('repeats itself when a phrase comes three times in a row', () => {
    expect(faultOf('It is made of wood, of wood, of wood.', 'stop')).toBe('repetition');
    expect(faultOf('The image shows a cat and a cat and a cat and a', 'length')).toBe('repetition');
  });

  it('may say a short thing or a word twice', () => {
    expect(faultOf('It is large. A very, very old tree. It is large.', 'stop')).toBeUndefined();
  });
});
