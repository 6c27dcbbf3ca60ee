import sharp, { type FailOnOptions, type Metadata, type Sharp } from 'sharp';

import type { FirstPicture } from '../file-structure/picture-structure.js';
import { type ImageNotice, UnreadableImageError } from '../image-fault.js';
import type { ReadableFormat } from '../image-format.js';
import type { RgbImage } from '../rgb-image.js';
import { clearOutside, layOnGround } from './ground.js';
import { hasWideSamples, readWideSamples } from './wide-samples.js';

/** A damaged file is read when no more than this share of its rows is missing. */
const MOST_MISSING = 0.5;

/** Pictures with no brighter value than this, of 255, are black to the eye. */
const BLACK = 15;

/**
 * Pictures of 16 bits that leave the two highest unused are of a camera or microscope with 10, 12 or 14 bits. Only the
 * samples tell: PNG has its writers scale samples up and name the bits they had in `sBIT` (third edition, 11.3.2.4),
 * and `MaxSampleValue` is not to be used for showing a TIFF file (TIFF 6.0, section 8).
 */
const DARK_OF_DEEP = 2 ** 14 - 1;

export interface Pixels {
  readonly image: RgbImage;
  readonly notices: readonly ImageNotice[];
}

interface Source extends FirstPicture {
  readonly format: ReadableFormat;
  readonly metadata: Metadata;
  readonly maxPixels: number;
}

/**
 * Decodes an image as people see it: upright, in sRGB, on a ground where it is transparent.
 * @throws UnreadableImageError
 */
export async function decodePixels(source: Source): Promise<Pixels> {
  if (hasWideSamples(source.metadata)) return decodeWide(source);
  const strict = await readRgb(source, 'error').catch((error: unknown) => error as Error);
  const notices: ImageNotice[] = [...source.notices];
  let image: RgbImage;
  if (strict instanceof Error) {
    image = await decodeWhatIsThere(source, strict);
    notices.push('partly-damaged');
  } else {
    image = strict;
  }
  const isDeep = source.metadata.depth === 'ushort';
  const largest = largestOf(image.data);
  if (largest > (isDeep ? DARK_OF_DEEP >> 8 : BLACK)) return { image, notices };
  const brightened = isDeep ? await brightenDeep(source) : brighten(image.data, image);
  if (brightened) return { image: brightened, notices: [...notices, 'brightened'] };
  return { image, notices: largest > BLACK ? notices : [...notices, 'all-black'] };
}

async function decodeWide(source: Source): Promise<Pixels> {
  const { image, notices } = await readWideSamples(openUpright(source, 'error'), source.metadata).catch(
    (cause: unknown) => {
      if (cause instanceof UnreadableImageError) throw cause;
      throw new UnreadableImageError({ code: 'damaged', format: source.format }, { cause });
    },
  );
  return { image, notices: [...source.notices, ...notices] };
}

async function decodeWhatIsThere(source: Source, cause: Error): Promise<RgbImage> {
  const damaged = () => new UnreadableImageError({ code: 'damaged', format: source.format }, { cause });
  const image = await readRgb(source, 'none').catch(() => {
    throw damaged();
  });
  const isOnItsSide = (source.metadata.orientation ?? 1) >= 5;
  if (missingShare(image, isOnItsSide) > MOST_MISSING) throw damaged();
  return image;
}

async function readRgb(source: Source, failOn: FailOnOptions): Promise<RgbImage> {
  const { metadata, covered, limitedGrey } = source;
  const upright = openUpright(source, failOn).toColourspace('srgb');
  if (!metadata.hasAlpha && !covered) {
    const { data, info } = await upright
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (limitedGrey) widenRange(data);
    return { data, width: info.width, height: info.height };
  }
  const { data, info } = await upright
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  if (covered) clearOutside({ data, width, height }, covered);
  return layOnGround({ data, width, height });
}

function openUpright({ bytes, metadata, maxPixels }: Source, failOn: FailOnOptions): Sharp {
  const image = sharp(bytes, { limitInputPixels: maxPixels, failOn }).autoOrient();
  // libvips would take 16-bit pictures with a profile to the wider colours of Display P3, and lose that it did.
  if (metadata.depth === 'ushort' && metadata.hasProfile) {
    image.pipelineColourspace(metadata.space === 'grey16' ? 'b-w' : 'srgb');
  }
  return image;
}

/** Grey levels from 16 to 235 become 0 to 255 (ITU-R BT.601). */
function widenRange(data: Uint8Array): void {
  const widened = Uint8ClampedArray.from({ length: 256 }, (_, level) => ((level - 16) * 255) / 219);
  for (let at = 0; at < data.length; at++) data[at] = widened[data[at]!]!;
}

async function brightenDeep(source: Source): Promise<RgbImage | undefined> {
  const { data, info } = await openUpright(source, 'none')
    .removeAlpha()
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const values = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  return largestOf(values) > DARK_OF_DEEP ? undefined : brighten(values, info);
}

/**
 * Cameras and microscopes store 10, 12 or 14 bits in 16, masks one bit in 8: the largest value is meant to end at a
 * power of two. Nothing where all is black.
 */
function brighten(
  values: Uint8Array | Uint16Array,
  { width, height }: { readonly width: number; readonly height: number },
): RgbImage | undefined {
  const largest = largestOf(values);
  if (largest === 0) return undefined;
  const white = 2 ** Math.ceil(Math.log2(largest + 1)) - 1;
  return { data: Uint8Array.from(values, (value) => Math.round((value * 255) / white)), width, height };
}

function largestOf(values: Uint8Array | Uint16Array): number {
  let largest = 0;
  for (let at = 0; at < values.length; at++) largest = Math.max(largest, values[at]!);
  return largest;
}

/** The share of rows at one end that are all of one colour, as decoders leave what they do not find. */
function missingShare(image: RgbImage, isOnItsSide: boolean): number {
  const lines = isOnItsSide ? image.width : image.height;
  const fromEnd = (index: number) => lines - 1 - index;
  const count = (order: (index: number) => number) => {
    let missing = 0;
    while (missing < lines && lineHasColourOf(image, isOnItsSide, order(missing), order(0))) missing++;
    return missing;
  };
  return (
    Math.max(
      count((index) => index),
      count(fromEnd),
    ) / lines
  );
}

/** Whether a line is all of the colour that another begins with. */
function lineHasColourOf(
  { data, width, height }: RgbImage,
  isColumn: boolean,
  line: number,
  first: number,
): boolean {
  const [length, along, across] = isColumn ? [height, width * 3, 3] : [width, 3, width * 3];
  for (let position = 0; position < length; position++) {
    const at = line * across + position * along;
    for (let channel = 0; channel < 3; channel++) {
      if (data[at + channel] !== data[first * across + channel]) return false;
    }
  }
  return true;
}
