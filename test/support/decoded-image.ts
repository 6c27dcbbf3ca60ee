import sharp from 'sharp';

import { decodeImage } from '../../libs/images/src/decoder/decode-image.js';
import { isReadable, sniffFormat } from '../../libs/images/src/image-format.js';

export interface Wish {
  readonly side?: number;
  readonly maxPixels?: number;
}

/** The image resized to a square, as the decoder process does it. */
export async function read(bytes: Uint8Array, { side = 4, maxPixels = 50_000_000 }: Wish = {}) {
  const format = sniffFormat(bytes);
  if (!format || !isReadable(format)) throw new Error(`The file is of the format ${format}.`);
  const budget = { seconds: Infinity, bytes: Infinity };
  const image = await decodeImage({
    bytes,
    format,
    maxPixels,
    budget,
    task: { kind: 'square', shape: { side, fit: { kind: 'stretch' } } },
  });
  const pixels = [...image.square!.data];
  /** Red, green and blue. */
  const colour = (index: number) => pixels.slice(index * 3, index * 3 + 3);
  return { ...image, pixels, first: colour(0), last: colour(side * side - 1), colour };
}

/** A TIFF file of one grey pixel, or of more in one row, with further tags. */
export function tiff(samples: Buffer, bits: number, tags: Readonly<Record<number, number>> = {}): Buffer {
  const entries = Object.entries({
    256: (samples.length * 8) / bits,
    257: 1,
    258: bits,
    259: 1,
    262: 1,
    273: 0,
    277: 1,
    278: 1,
    279: samples.length,
    ...tags,
  });
  const file = Buffer.alloc(8 + 2 + entries.length * 12 + 4);
  file.write('II*\0', 0, 'latin1');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(entries.length, 8);
  for (const [index, [tag, value]] of entries.entries()) {
    const at = 10 + index * 12;
    file.writeUInt16LE(Number(tag), at);
    file.writeUInt16LE(4, at + 2);
    file.writeUInt32LE(1, at + 4);
    file.writeUInt32LE(tag === '273' ? file.length : value, at + 8);
  }
  return Buffer.concat([file, samples]);
}

/** One colour all over. */
export const solid = (background: string, width = 8, height = 8) =>
  sharp({ create: { width, height, channels: 4, background } });
