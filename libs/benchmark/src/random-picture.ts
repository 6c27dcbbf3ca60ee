import { randomFillSync } from 'node:crypto';

import sharp from 'sharp';

const SIDE = 448;

/** Of a photograph of 12 megapixels. */
const PHOTOGRAPH = { width: 4_000, height: 3_000 } as const;

/** A PNG of noise, as bytes that no cache has seen. */
export async function randomPicture(): Promise<Uint8Array> {
  const pixels = randomFillSync(new Uint8Array(SIDE * SIDE * 3));
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
}

/** A JPEG file as large as a camera's, 2 to 3 MB, of coarse noise. */
export async function randomPhotograph(): Promise<Uint8Array> {
  const [width, height] = [PHOTOGRAPH.width / 10, PHOTOGRAPH.height / 10];
  const noise = randomFillSync(new Uint8Array(width * height * 3));
  return sharp(noise, { raw: { width, height, channels: 3 } })
    .resize(PHOTOGRAPH.width, PHOTOGRAPH.height)
    .jpeg({ quality: 85 })
    .toBuffer();
}
