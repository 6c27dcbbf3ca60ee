import { deflateSync } from 'node:zlib';
import sharp from 'sharp';

import { UnreadableImageError } from '#libs/images';

import { preprocessImage } from './preprocessing.js';

const options = { imageSize: 8, maxPixels: 50_000_000 };

const solid = (
  width: number,
  height: number,
  background: { r: number; g: number; b: number; alpha?: number },
) => sharp({ create: { width, height, channels: background.alpha === undefined ? 3 : 4, background } });

/** CLIP's normalisation of a channel's value, written out once more. */
const normalised = (value: number, mean: number, deviation: number) => (value / 255 - mean) / deviation;
const white = [
  normalised(255, 0.48145466, 0.26862954),
  normalised(255, 0.4578275, 0.26130258),
  normalised(255, 0.40821073, 0.27577711),
];

/** The first pixel's red, green and blue. */
const firstPixel = (pixels: Float32Array) => [0, 1, 2].map((channel) => pixels[channel * 64]!);

/** A PNG file that consists of its header only, as an attack would: a few bytes that promise many pixels. */
function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(1000)))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

describe('preprocessImage', () => {
  it('leaves the pixels of an image of the right size as they are', async () => {
    const bytes = await solid(8, 8, { r: 10, g: 20, b: 30 }).png().toBuffer();
    const { pixelValues, width, height, notices } = await preprocessImage(bytes, options);
    expect(firstPixel(pixelValues)[0]).toBeCloseTo(normalised(10, 0.48145466, 0.26862954), 5);
    expect(firstPixel(pixelValues)[2]).toBeCloseTo(normalised(30, 0.40821073, 0.27577711), 5);
    expect({ width, height, notices }).toEqual({ width: 8, height: 8, notices: [] });
  });

  it.each(['jpeg', 'webp', 'avif', 'tiff', 'gif', 'png'] as const)('reads %s', async (format) => {
    const bytes = await solid(20, 12, { r: 255, g: 255, b: 255 }).toFormat(format).toBuffer();
    const { pixelValues, width, height } = await preprocessImage(bytes, options);
    firstPixel(pixelValues).forEach((value, channel) => {
      expect(Math.abs(value - white[channel]!)).toBeLessThan(0.05);
    });
    expect([width, height]).toEqual([20, 12]);
  });

  it('makes three channels of a grey image', async () => {
    const bytes = await solid(8, 8, { r: 255, g: 255, b: 255 }).toColourspace('b-w').png().toBuffer();
    expect((await preprocessImage(bytes, options)).pixelValues).toHaveLength(3 * 64);
  });

  it('lays transparent images on white', async () => {
    const bytes = await solid(8, 8, { r: 0, g: 0, b: 0, alpha: 0 }).png().toBuffer();
    const { pixelValues } = await preprocessImage(bytes, options);
    firstPixel(pixelValues).forEach((value, channel) => {
      expect(value).toBeCloseTo(white[channel]!, 4);
    });
  });

  it('turns photos upright', async () => {
    const topHalfBlack = await solid(8, 4, { r: 0, g: 0, b: 0 })
      .extend({ bottom: 4, background: 'white' })
      .withMetadata({ orientation: 3 })
      .png()
      .toBuffer();
    const { pixelValues } = await preprocessImage(topHalfBlack, options);
    expect(pixelValues[0]).toBeCloseTo(white[0]!, 4);
  });

  it('swaps width and height of a photo taken sideways', async () => {
    const bytes = await solid(20, 12, { r: 9, g: 9, b: 9 })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { width, height } = await preprocessImage(bytes, options);
    expect([width, height]).toEqual([12, 20]);
  });

  it('looks at the first frame of an animation and says so', async () => {
    const frames = await solid(8, 8, { r: 255, g: 255, b: 255 })
      .extend({ bottom: 8, background: 'black' })
      .raw()
      .toBuffer();
    const bytes = await sharp(frames, { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } })
      .gif()
      .toBuffer();
    const { pixelValues, notices } = await preprocessImage(bytes, options);
    expect(pixelValues[0]).toBeCloseTo(white[0]!, 4);
    expect(notices).toEqual(['first-frame-only']);
  });

  it('refuses a PNG of 30,000 × 30,000 pixels by its header', async () => {
    const attempt = preprocessImage(pngHeader(30_000, 30_000), options);
    await expect(attempt).rejects.toThrow(UnreadableImageError);
    await expect(attempt).rejects.toThrow('30000 × 30000');
  });

  it.each(['png', 'jpeg', 'webp', 'gif'] as const)('refuses a %s that was cut off', async (format) => {
    const noise = await sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: 'black',
        noise: { type: 'gaussian', mean: 128, sigma: 50 },
      },
    })
      .toFormat(format)
      .toBuffer();
    const cut = noise.subarray(0, noise.length / 3);
    await expect(preprocessImage(cut, options)).rejects.toThrow(UnreadableImageError);
  });

  it.each([
    ['an empty file', ''],
    ['text', 'This is not an image at all.'],
    ['an SVG drawing', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
  ])('refuses %s', async (_, text) => {
    await expect(preprocessImage(Buffer.from(text), options)).rejects.toThrow(UnreadableImageError);
  });
});
