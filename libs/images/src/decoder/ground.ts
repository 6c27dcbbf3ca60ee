import type { Rectangle, RgbImage } from '../rgb-image.js';

/** Pixels with transparency: `[height, width, 4]`, one byte each for red, green, blue and opacity. */
export interface RgbaImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const WHITE = 255;
const BLACK = 0;

/** A picture goes on black where white leaves it less than this share of the contrast it has there. */
const LEAST_CONTRAST_KEPT = 0.35;

/** About so many pixels are looked at to choose the ground. */
const LOOKED_AT = 1_000_000;

/**
 * Lays a picture with transparency on white, as most people see it; on black where hardly anything would be seen on
 * white, such as of a white drawing.
 */
export function layOnGround(image: RgbaImage): RgbImage {
  const ground = chooseGround(image);
  const { data, width, height } = image;
  const laid = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    const opacity = data[from + 3]!;
    laid[to] = blend(data[from]!, opacity, ground);
    laid[to + 1] = blend(data[from + 1]!, opacity, ground);
    laid[to + 2] = blend(data[from + 2]!, opacity, ground);
  }
  return { data: laid, width, height };
}

/** Makes what is outside of the rectangle transparent. */
export function clearOutside({ data, width, height }: RgbaImage, part: Rectangle): void {
  for (let row = 0; row < height; row++) {
    const isInside = row >= part.top && row < part.top + part.height;
    for (let column = 0; column < width; column++) {
      if (isInside && column >= part.left && column < part.left + part.width) continue;
      data[(row * width + column) * 4 + 3] = 0;
    }
  }
}

function chooseGround(image: RgbaImage): number {
  return contrastOn(image, WHITE) < LEAST_CONTRAST_KEPT * contrastOn(image, BLACK) ? BLACK : WHITE;
}

/** The standard deviation of the colours on a ground, all three together. */
function contrastOn({ data }: RgbaImage, ground: number): number {
  const pixels = data.length / 4;
  const stride = 4 * Math.max(1, Math.floor(pixels / LOOKED_AT));
  const sums = [0, 0, 0];
  const squares = [0, 0, 0];
  let count = 0;
  for (let at = 0; at < data.length; at += stride, count++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = blend(data[at + channel]!, data[at + 3]!, ground);
      sums[channel] = sums[channel]! + value;
      squares[channel] = squares[channel]! + value * value;
    }
  }
  const variances = sums.map((sum, channel) => squares[channel]! / count - (sum / count) ** 2);
  return Math.sqrt(variances.reduce((total, variance) => total + variance, 0));
}

function blend(value: number, opacity: number, ground: number): number {
  return ((value * opacity + ground * (255 - opacity) + 127) / 255) | 0;
}
