import { readFile } from 'node:fs/promises';

import { randomCrop, randomResizedCrop, wholeImage } from './image-transform.js';

const picture = 'datasets/emoji-scenes/stage2/image/0.jpg';

describe('the crop of older MiniGPT-4', () => {
  const seeds = Array.from({ length: 300 }, (_, seed) => seed);

  it('stays within the image, with half of its area or more and a moderate shape', () => {
    for (const seed of seeds) {
      const { left, top, width, height } = randomCrop(320, 240, seed);
      expect(left >= 0 && top >= 0 && left + width <= 320 && top + height <= 240).toBe(true);
      expect((width * height) / (320 * 240)).toBeGreaterThan(0.49);
      expect(width / height).toBeGreaterThan(0.74);
      expect(width / height).toBeLessThan(1.35);
    }
  });

  it('covers areas from half to nearly all, and every side of the image', () => {
    const crops = seeds.map((seed) => randomCrop(320, 240, seed));
    const areas = crops.map(({ width, height }) => (width * height) / (320 * 240));
    expect(Math.min(...areas)).toBeLessThan(0.55);
    expect(Math.max(...areas)).toBeGreaterThan(0.9);
    expect(crops.some(({ left }) => left === 0)).toBe(true);
    expect(crops.some(({ left, width }) => left + width === 320)).toBe(true);
  });

  it('takes the middle of an image that is too long for any allowed shape', () => {
    expect(randomCrop(1000, 100, 1)).toEqual({ left: 433, top: 0, width: 133, height: 100 });
    expect(randomCrop(100, 1000, 1)).toEqual({ left: 0, top: 433, width: 100, height: 133 });
  });

  it('is the same for the same seed', async () => {
    const bytes = await readFile(picture);
    const { apply } = randomResizedCrop({ imageSize: 28 });
    const [first, again, other] = await Promise.all([apply(bytes, 1), apply(bytes, 1), apply(bytes, 2)]);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first.length).toBe(3 * 28 * 28);
  });
});

describe('the whole image', () => {
  it('does not depend on the seed', async () => {
    const bytes = await readFile(picture);
    const { apply } = wholeImage({ imageSize: 28 });
    expect(await apply(bytes, 1)).toEqual(await apply(bytes, 2));
  });

  it('is refused when it is text', async () => {
    await expect(wholeImage({ imageSize: 28 }).apply(Buffer.from('not a picture'), 1)).rejects.toThrow(
      'This file is not an image that can be read.',
    );
  });
});
