import { base64In, decodeBase64, imageIn, longestDataUrl } from './data-url.js';
import { stringBounds, textsTooLong } from './string-bounds.js';

const limits = { contextLength: 8, maxImages: 2, maxImageBytes: 30 } as never;
const read = (url: string) => imageIn(url, 'here', limits);
const base64 = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64');

describe('an image in a data: URL', () => {
  it.each([
    'data:image/png;base64,aW1hZ2U=',
    'DATA:;BASE64,aW1hZ2U=',
    'data:text/plain;name=a.png; base64,aW1hZ2U=',
    'data:image/png;base64,aW1h%5A2U%3D',
  ])('is read: %s', (url) => {
    expect(read(url)).toEqual({ kind: 'bytes', bytes: Buffer.from('image') });
  });

  it.each([
    ['https://a.example/a.png', 'here: Send the image itself, as a data: URL in base64'],
    ['data:image/png;base64', 'here: Write the data: URL in base64'],
    ['data:image/png,aW1hZ2U=', 'here: Write the data: URL in base64'],
    [`data:${'x'.repeat(1_024)};base64,aW1hZ2U=`, 'here: Write the data: URL in base64'],
    ['data:;base64,', 'here: The image file is empty, or not in base64.'],
    ['data:;base64,aW%', 'here: The data: URL has a "%" that stands for no character.'],
  ])('%s is refused', (url, sentence) => {
    expect(() => read(url)).toThrow(sentence);
    expect(() => read(url)).toThrow(expect.objectContaining({ param: 'here' }));
  });

  it('may be as long as the largest file and a head, and says how large a longer file is', () => {
    expect(longestDataUrl({ maxImageBytes: 30 })).toBe(40 + 1_024);
    expect(longestDataUrl({ maxImageBytes: 31 })).toBe(44 + 1_024);
    expect(read(`data:;base64,${base64(798)}`)).toMatchObject({ kind: 'bytes' });
    expect(() => read(`data:;base64,${base64(801)}`)).toThrow(
      'here: The image file has 801 bytes; at most 30 are accepted.',
    );
  });

  it('is what follows the first comma', () => {
    expect(base64In('data:;base64,a,b', 'here')).toBe('a,b');
    expect(decodeBase64('YQ==', 'here').toString()).toBe('a');
  });
});

describe('the strings of a request', () => {
  const bounds = stringBounds(limits);
  const most = Number(/more than (\d+)/.exec(textsTooLong(limits).message)?.[1]);

  it('are bounded by what the context can hold, written in the longest way', () => {
    expect(bounds.text).toBe(6 * most);
    expect(bounds.texts).toBe(6 * most * 3);
    expect(bounds.image).toBe(2 * (40 + 1_024));
    expect(bounds.textsTooLong()).toMatchObject({
      openAiCode: 'context_length_exceeded',
      message: `messages: They have more than ${most} characters, which cannot fit the model's context of 8 tokens.`,
    });
  });

  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]).toString('base64');
  const path = ['messages', 0, 'content', 1, 'image_url', 'url'];
  it.each([
    ['as it is', `data:image/png;base64,${png}`],
    ['with escapes', `data:image\\/png;base64,${png}`],
    ['cut in an escape', `data:image/png;base64,${png}\\u00`],
    ['cut at an escape', `data:image/png;base64,${png}\\`],
    ['cut in a percent', `data:image/png;base64,${png}%2`],
  ])('that are too long for a text have to begin like an image: one %s does', (_how, beginning) => {
    expect(() => bounds.requireImage(beginning, path as never)).not.toThrow();
  });

  it('that begin like none are too long, or are no image, by their place', () => {
    expect(() => bounds.requireImage('Once upon a time', path as never)).toThrow(
      'messages: They have more than',
    );
    const other = Buffer.from('GIF? No, a text that is long enough').toString('base64');
    const refuse = () => bounds.requireImage(`data:;base64,${other}`, path as never);
    expect(refuse).toThrow(expect.objectContaining({ param: 'messages.0.content.1.image_url' }));
    expect(refuse).toThrow(expect.objectContaining({ openAiCode: 'invalid_image' }));
    expect(() => bounds.requireImage(`data:;base64,${other}`, ['messages', 0, 'image_url'] as never)).toThrow(
      expect.objectContaining({ param: 'messages.0.image_url' }),
    );
  });
});
