import type { DecodedImage, DecoderTask } from './decoder/messages.js';
import { firstPicture } from './file-structure/first-picture.js';
import { type ImageNotice, UnreadableImageError } from './image-fault.js';
import { isReadable, sniffFormat } from './image-format.js';
import { DecoderPool } from './pool/decoder-pool.js';
import type { Rectangle, RgbImage, SquareShape } from './rgb-image.js';

/** The limit on decodes at once is one for the whole process. */
const pool = new DecoderPool();

export interface ReadingLimits {
  /** Of width times height. Larger images are refused by their header. */
  readonly maxPixels: number;
}

export interface ImageSize {
  /** Upright, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** An image resized to a square, and what there is to know of it. */
export interface SquareImage extends ImageSize {
  readonly square: RgbImage;
  readonly notices: readonly ImageNotice[];
}

/** An image's size by its header. @throws UnreadableImageError */
export async function inspectImage(bytes: Uint8Array, { maxPixels }: ReadingLimits): Promise<ImageSize> {
  const { width, height } = await decode(bytes, maxPixels, { kind: 'inspect' });
  return { width, height };
}

/**
 * Reads a PNG, JPEG, WebP, GIF, AVIF or TIFF file as people see it, upright, in sRGB, on a ground where it is
 * transparent, and makes it, or the part of it that is given, a square, resized as PIL does.
 * @throws UnreadableImageError
 */
export async function readSquareImage(
  bytes: Uint8Array,
  { maxPixels, shape, crop }: ReadingLimits & { readonly shape: SquareShape; readonly crop?: Rectangle },
): Promise<SquareImage> {
  const { square, ...seen } = await decode(bytes, maxPixels, { kind: 'square', shape, crop });
  if (!square) throw new Error('The image decoder gave no pixels.');
  return { ...seen, square };
}

/**
 * Still pictures of an animation, evenly from its beginning to its end, as PNG files: none of an image that is not
 * animated, or whose frames cannot be had one by one.
 * @throws UnreadableImageError
 */
export async function stillsOfAnimation(
  bytes: Uint8Array,
  { maxPixels, most }: ReadingLimits & { readonly most: number },
): Promise<readonly Uint8Array[]> {
  const format = sniffFormat(bytes);
  const isAnimated =
    (format === 'gif' || format === 'webp') &&
    firstPicture(bytes, format).notices.includes('first-frame-only');
  if (!isAnimated) return [];
  return (await decode(bytes, maxPixels, { kind: 'stills', most })).stills ?? [];
}

/**
 * The image as a JPEG file, as people see it.
 * @param quality from 1 to 100
 * @param longestSide a larger image is made smaller
 * @throws UnreadableImageError
 */
export async function imageAsJpeg(
  bytes: Uint8Array,
  {
    maxPixels,
    quality,
    longestSide,
  }: ReadingLimits & { readonly quality: number; readonly longestSide?: number },
): Promise<Uint8Array> {
  const { jpeg } = await decode(bytes, maxPixels, { kind: 'jpeg', quality, longestSide });
  if (!jpeg) throw new Error('The image decoder gave no file.');
  return jpeg;
}

/** What is wrong with a file by its first bytes alone; nothing for a format that is read. */
export function faultByFormat(bytes: Uint8Array): UnreadableImageError['fault'] | undefined {
  if (bytes.length === 0) return { code: 'empty' };
  const format = sniffFormat(bytes);
  if (!format) return { code: 'not-an-image' };
  return isReadable(format) ? undefined : { code: 'unsupported-format', format };
}

async function decode(bytes: Uint8Array, maxPixels: number, task: DecoderTask): Promise<DecodedImage> {
  const fault = faultByFormat(bytes);
  const format = sniffFormat(bytes);
  if (fault || !format || !isReadable(format))
    throw new UnreadableImageError(fault ?? { code: 'not-an-image' });
  return pool.decode(bytes, format, maxPixels, task);
}
