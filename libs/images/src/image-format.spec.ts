import sharp from 'sharp';

import { type ImageFormat, isReadable, sniffFormat } from './image-format.js';

const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: '#0b6e5f' } });

describe('the format of an image file', () => {
  it.each(['png', 'jpeg', 'webp', 'gif', 'avif', 'tiff'] as const)(
    'is recognised by its content: %s',
    async (format) => {
      const bytes = await picture.clone().toFormat(format).toBuffer();
      expect(sniffFormat(bytes)).toBe(format);
      expect(isReadable(format)).toBe(true);
    },
  );

  it.each([
    ['BigTIFF', 'tiff', 'II+\0\x08\0\0\0'],
    ['BigTIFF, big endian', 'tiff', 'MM\0+\0\x08\0\0'],
    ['an animated AVIF', 'avif', '\0\0\0\x1cftypavis\0\0\0\0avismsf1miaf'],
    ['an AVIF of the brand mif1 alone', 'avif', '\0\0\0\x14ftypmif1\0\0\0\0mif1\0\0\0\x20metainfeav01'],
  ] as const)('is recognised whatever its variant: %s', (_name, format, head) => {
    expect(sniffFormat(Buffer.from(head, 'latin1'))).toBe(format);
  });

  it.each<[ImageFormat, string]>([
    ['heic', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'],
    ['heic', '\0\0\0\x14ftypmif1\0\0\0\0mif1\0\0\0\x20metainfehvc1'],
    ['heic', '\0\0\0\x14ftyphevc\0\0\0\0hevc'],
    ['heic', '\0\0\0\x14ftypheix\0\0\0\0heix'],
    ['bmp', 'BM\x46\0\0\0\0\0\0\0\x36\0\0\0'],
    ['ico', '\0\0\x01\0\x01\0\x10\x10'],
    ['jxl', '\xff\x0a\xfa\x1f'],
    ['jxl', '\0\0\0\x0cJXL \r\n\x87\n'],
    ['jp2', '\0\0\0\x0cjP  \r\n\x87\n'],
    ['jp2', '\xff\x4f\xff\x51\0\x2f'],
    ['psd', '8BPS\0\x01'],
    ['svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['svg', '\xef\xbb\xbf<?xml version="1.0"?>\n<!-- drawn by hand -->\n<!DOCTYPE svg>\n<svg width="9"/>'],
  ])('is named although it cannot be read: %s', (format, head) => {
    expect(sniffFormat(Buffer.from(head, 'latin1'))).toBe(format);
    expect(isReadable(format)).toBe(false);
  });

  it.each([
    '',
    'just text',
    'BMW is a maker of cars.',
    '<!doctype html><title>Log in</title>',
    '<!-- page --><html><body><svg width="9"/></body></html>',
    '%PDF-1.7',
    `<!--${'--><!--'.repeat(2_000)}`,
  ])('is none for other files: %.40j', (text) => {
    expect(sniffFormat(Buffer.from(text))).toBeUndefined();
  });
});
