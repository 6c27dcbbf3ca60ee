import sharp, { type FailOnOptions, type Metadata, type Sharp } from 'sharp';

import type { FirstPicture } from '../file-structure/picture-structure.js';
import { type ImageNotice, UnreadableImageError } from '../image-fault.js';
import type { ReadableFormat } from '../image-format.js';
import type { RgbImage } from '../rgb-image.js';
import { clearOutside, layOnGround } from './ground.js';

/** A damaged file is read when no more than this share of its rows is missing. */
const MOST_MISSING = 0.5;

/** Of 16-bit pictures: up to here they are black to the eye, and their values meant to end at a power of two. */
const DARKEST_BITS = [8, 10, 12] as const;

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
  const strict = await readRgb(source, 'error').catch((error: unknown) => error as Error);
  const notices: ImageNotice[] = [...source.notices];
  let image: RgbImage;
  if (strict instanceof Error) {
    image = await decodeWhatIsThere(source, strict);
    notices.push('partly-damaged');
  } else {
    image = strict;
  }
  if (source.metadata.depth === 'ushort' && isBlack(image)) {
    const brightened = await brighten(source);
    if (brightened) return { image: brightened, notices: [...notices, 'brightened'] };
  }
  return { image, notices };
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

function isBlack({ data }: RgbImage): boolean {
  return data.every((value) => value < 16);
}

/** Cameras and microscopes store 10 or 12 bits in 16: read as 16 bits, the picture is black. */
async function brighten(source: Source): Promise<RgbImage | undefined> {
  const { data, info } = await openUpright(source, 'none')
    .removeAlpha()
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const values = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  const bits = DARKEST_BITS.find((enough) => largest < 2 ** enough);
  if (bits === undefined || largest === 0) return undefined;
  const image = Uint8Array.from(values, (value) => Math.round((value * 255) / (2 ** bits - 1)));
  return { data: image, width: info.width, height: info.height };
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
