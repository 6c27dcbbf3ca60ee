import { readFile } from 'node:fs/promises';

import { openCheckpoint, toFloat32 } from '#libs/checkpoint';
import { preprocessImage } from '#libs/minigpt4';

import type { RgbImage } from '../rgb-image.js';
import { type ResizedLength, resizeBicubic } from './bicubic.js';

const whole = (length: number): ResizedLength => ({ length, first: 0, count: length });
const toSquare = (image: RgbImage, side: number) => resizeBicubic(image, whole(side), whole(side));

const folder = 'test/fixtures/reference/tiny';

describe('resizeBicubic', () => {
  it.each(['scene', 'portrait'])("gives PIL's pixels of %s.png to the last bit", async (name) => {
    const image = await preprocessImage(await readFile(`${folder}/${name}.png`), {
      imageSize: 56,
      maxPixels: 1_000_000,
    });
    const checkpoint = await openCheckpoint(`${folder}/expected.safetensors`);
    const expected = toFloat32(await checkpoint.read(`${name}.pixel_values`));
    await checkpoint.close();
    // A byte is 0.0146 of normalised colour apart from the next one.
    const largest = Math.max(...image.pixelValues.map((value, at) => Math.abs(value - expected[at]!)));
    expect(largest).toBeLessThan(1e-5);
  });

  it('keeps an image of the right size as it is', () => {
    const data = Uint8Array.from({ length: 2 * 2 * 3 }, (_, at) => at * 20);
    expect(toSquare({ data, width: 2, height: 2 }, 2)).toEqual({ data, width: 2, height: 2 });
  });

  it('keeps one colour one colour, larger or smaller', () => {
    const data = new Uint8Array(5 * 3 * 3).fill(200);
    expect(new Set(toSquare({ data, width: 5, height: 3 }, 16).data)).toEqual(new Set([200]));
    expect(new Set(toSquare({ data, width: 5, height: 3 }, 2).data)).toEqual(new Set([200]));
  });
});
