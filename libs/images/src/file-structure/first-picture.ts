import type { ReadableFormat } from '../image-format.js';
import { readAvif } from './avif.js';
import { firstGifFrame } from './gif.js';
import type { FirstPicture } from './picture-structure.js';
import { isAnimatedPng } from './png.js';
import { firstTiffPage } from './tiff.js';
import { isAnimatedWebp } from './webp.js';

/** Looks for what decoders pass over in silence. A structure that breaks off is left to the decoder to judge. */
export function firstPicture(bytes: Uint8Array, format: ReadableFormat): FirstPicture {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const animated = (isAnimated: boolean): FirstPicture => ({
    bytes,
    notices: isAnimated ? ['first-frame-only'] : [],
  });
  switch (format) {
    case 'png':
      return animated(isAnimatedPng(file));
    case 'webp':
      return animated(isAnimatedWebp(file));
    case 'gif':
      return firstGifFrame(file);
    case 'tiff':
      return firstTiffPage(file);
    case 'avif':
      return readAvif(file);
    case 'jpeg':
      return animated(false);
  }
}
