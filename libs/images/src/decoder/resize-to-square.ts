import type { RgbColour, RgbImage, SquareShape } from '../rgb-image.js';
import { type ResizedLength, resizeBicubic, resizeHeight, resizeWidth } from './bicubic.js';

/** Makes an image a square, as the shape says. */
export function resizeToSquare(image: RgbImage, { side, fit }: SquareShape): RgbImage {
  switch (fit.kind) {
    case 'stretch':
      return resizeBicubic(image, whole(side), whole(side));
    case 'crop': {
      const shorter = Math.min(image.width, image.height);
      return resizeBicubic(image, middle(image.width, shorter, side), middle(image.height, shorter, side));
    }
    case 'pad':
      return padAndResize(image, side, fit.colour);
  }
}

const whole = (length: number): ResizedLength => ({ length, first: 0, count: length });

/** As transformers' `resize` to the shortest edge and `center_crop` after it (image_transforms.py). */
function middle(length: number, shorter: number, side: number): ResizedLength {
  const resized = Math.floor((side * length) / shorter);
  return { length: resized, first: Math.floor((resized - side) / 2), count: side };
}

/**
 * Lays an image on the middle of a square of one colour, as long as its longer side, and resizes that (LLaVA,
 * mm_utils.py, `expand2square`). The square of a long image would be too large to make: its own rows are resized, and
 * the rows of the one colour, which stay what they are, added between the two passes.
 */
function padAndResize(image: RgbImage, side: number, colour: RgbColour): RgbImage {
  const longer = Math.max(image.width, image.height);
  const narrow =
    image.width < longer ? resizePaddedRows(image, longer, side, colour) : resizeWidth(image, whole(side));
  return resizeHeight(padRows(narrow, longer, colour), whole(side));
}

/** A long image is padded in pieces of so many rows. */
const ROWS_AT_ONCE = 64;

function resizePaddedRows(image: RgbImage, paddedWidth: number, side: number, colour: RgbColour): RgbImage {
  const { data, width, height } = image;
  const before = Math.floor((paddedWidth - width) / 2);
  const resized = new Uint8Array(side * height * 3);
  for (let first = 0; first < height; first += ROWS_AT_ONCE) {
    const padded = filled(paddedWidth, Math.min(ROWS_AT_ONCE, height - first), colour);
    for (let row = 0; row < padded.height; row++) {
      const start = (first + row) * width * 3;
      padded.data.set(data.subarray(start, start + width * 3), (row * paddedWidth + before) * 3);
    }
    resized.set(resizeWidth(padded, whole(side)).data, first * side * 3);
  }
  return { data: resized, width: side, height };
}

function padRows(image: RgbImage, paddedHeight: number, colour: RgbColour): RgbImage {
  if (image.height === paddedHeight) return image;
  const padded = filled(image.width, paddedHeight, colour);
  padded.data.set(image.data, Math.floor((paddedHeight - image.height) / 2) * image.width * 3);
  return padded;
}

function filled(width: number, height: number, colour: RgbColour): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < data.length; at += 3) data.set(colour, at);
  return { data, width, height };
}
