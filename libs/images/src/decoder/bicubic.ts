import type { RgbImage } from '../rgb-image.js';

/** One direction of a resized image: it is made this long, and of that so many pixels are kept from one on. */
export interface ResizedLength {
  readonly length: number;
  readonly first: number;
  readonly count: number;
}

/**
 * Resizes by the antialiased bicubic filter of PIL, to the last bit: a = -0.5, the filter widened by the factor of
 * reduction, coefficients as 22-bit fixed-point numbers, rounding to bytes after the horizontal and after the vertical
 * pass (Pillow, Resample.c). The published weights were trained behind it. Other libraries' bicubic filters give pixels
 * that are near, but not the same.
 */
export function resizeBicubic(image: RgbImage, columns: ResizedLength, rows: ResizedLength): RgbImage {
  return resizeHeight(resizeWidth(image, columns), rows);
}

const FRACTION_BITS = 22;
const HALF = 1 << (FRACTION_BITS - 1);

/** For each output position, the first input position it reads and the weights from there on. */
interface Filter {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `[outputs, widest]` */
  readonly weights: Int32Array;
  readonly widest: number;
}

/** The horizontal pass. */
export function resizeWidth({ data, width, height }: RgbImage, columns: ResizedLength): RgbImage {
  const side = columns.count;
  if (isWhole(columns, width)) return { data, width, height };
  const { first, count, weights, widest } = bicubicFilter(width, columns);
  const { imul } = Math; // once: looking up a global is slow where Jest runs tests, and here are millions of pixels
  const resized = new Uint8Array(side * height * 3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < side; column++) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let source = (row * width + first[column]!) * 3;
      const start = column * widest;
      for (let tap = start; tap < start + count[column]!; tap++, source += 3) {
        const weight = weights[tap]!;
        red = (red + imul(weight, data[source]!)) | 0;
        green = (green + imul(weight, data[source + 1]!)) | 0;
        blue = (blue + imul(weight, data[source + 2]!)) | 0;
      }
      storePixel(resized, (row * side + column) * 3, red, green, blue);
    }
  }
  return { data: resized, width: side, height };
}

/** Whether nothing has to be done. */
const isWhole = ({ length, count }: ResizedLength, inputs: number) => length === inputs && count === length;

/** The vertical pass. */
export function resizeHeight({ data, width, height }: RgbImage, rows: ResizedLength): RgbImage {
  const side = rows.count;
  if (isWhole(rows, height)) return { data, width, height };
  const { first, count, weights, widest } = bicubicFilter(height, rows);
  const { imul } = Math;
  const resized = new Uint8Array(width * side * 3);
  for (let row = 0; row < side; row++) {
    const start = row * widest;
    for (let column = 0; column < width; column++) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let source = (first[row]! * width + column) * 3;
      for (let tap = start; tap < start + count[row]!; tap++, source += width * 3) {
        const weight = weights[tap]!;
        red = (red + imul(weight, data[source]!)) | 0;
        green = (green + imul(weight, data[source + 1]!)) | 0;
        blue = (blue + imul(weight, data[source + 2]!)) | 0;
      }
      storePixel(resized, (row * width + column) * 3, red, green, blue);
    }
  }
  return { data: resized, width, height: side };
}

function storePixel(target: Uint8Array, at: number, red: number, green: number, blue: number): void {
  target[at] = toByte(red);
  target[at + 1] = toByte(green);
  target[at + 2] = toByte(blue);
}

/** The filter overshoots at edges, so sums can leave the range of a byte. */
function toByte(sum: number): number {
  const value = sum >> FRACTION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function bicubicFilter(inputs: number, kept: ResizedLength): Filter {
  const outputs = kept.count;
  const scale = inputs / kept.length;
  const widening = Math.max(scale, 1);
  const support = 2 * widening;
  const widest = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(outputs);
  const count = new Int32Array(outputs);
  const weights = new Int32Array(outputs * widest);
  for (let output = 0; output < outputs; output++) {
    const centre = (kept.first + output + 0.5) * scale;
    const from = Math.max(Math.trunc(centre - support + 0.5), 0);
    const to = Math.min(Math.trunc(centre + support + 0.5), inputs);
    const taps = Array.from({ length: to - from }, (_, tap) => cubic((tap + from - centre + 0.5) / widening));
    const total = taps.reduce((sum, weight) => sum + weight, 0);
    first[output] = from;
    count[output] = taps.length;
    weights.set(
      taps.map((weight) => roundAwayFromZero((weight / total) * (1 << FRACTION_BITS))),
      output * widest,
    );
  }
  return { first, count, weights, widest };
}

/** Keys' cubic convolution kernel with a = -0.5. */
function cubic(distance: number): number {
  const a = -0.5;
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

function roundAwayFromZero(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
}
