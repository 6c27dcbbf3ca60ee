import { findImageLinks, withoutImageLinks } from './image-links.js';

describe('addresses of images in a message', () => {
  it.each([
    ['What is https://example.com/cat.png?', ['https://example.com/cat.png']],
    ['(see https://example.com/a/CAT.JPEG).', ['https://example.com/a/CAT.JPEG']],
    ['<https://example.com/cat.webp?size=2|a cat>', ['https://example.com/cat.webp?size=2']],
    ['https://example.com/a.gif https://example.com/a.gif', ['https://example.com/a.gif']],
    ['https://example.com/page and ftp://example.com/cat.png', []],
    ['https://example.com/?file=cat.png', []],
  ])('are found: %s', (text, addresses) => {
    expect(findImageLinks(text)).toEqual(addresses);
  });

  it('are no part of the words', () => {
    const text = 'What is https://example.com/cat.png, and is https://example.com/page about it?';
    expect(withoutImageLinks(text)).toBe('What is , and is https://example.com/page about it?');
  });
});
