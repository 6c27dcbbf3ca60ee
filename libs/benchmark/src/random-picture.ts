import { randomFillSync } from 'node:crypto';

import sharp from 'sharp';

const SIDE = 448;

/** A PNG of noise, as bytes that no cache has seen. */
export async function randomPicture(): Promise<Uint8Array> {
  const pixels = randomFillSync(new Uint8Array(SIDE * SIDE * 3));
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
}
