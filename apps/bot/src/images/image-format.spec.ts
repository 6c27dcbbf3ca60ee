import sharp from 'sharp';

import { type ImageFormat, imageFormat, isReadable } from './image-format.js';

const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: '#0b6e5f' } });

describe('the format of an image file', () => {
  it.each(['png', 'jpeg', 'webp', 'gif', 'avif', 'tiff'] as const)(
    'is recognised by its content: %s',
    async (format) => {
      const bytes = await picture.clone().toFormat(format).toBuffer();
      expect(imageFormat(bytes)).toBe(format);
      expect(isReadable(format)).toBe(true);
    },
  );

  it.each<[ImageFormat, string]>([
    ['heic', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'],
    ['bmp', 'BM\x46\0\0\0'],
  ])('is named although it cannot be read: %s', (format, head) => {
    expect(imageFormat(Buffer.from(head, 'latin1'))).toBe(format);
    expect(isReadable(format)).toBe(false);
  });

  it.each([
    '',
    'just text',
    '<!doctype html><title>Log in</title>',
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '%PDF-1.7',
  ])('is none for %j', (text) => {
    expect(imageFormat(Buffer.from(text))).toBeUndefined();
  });
});
