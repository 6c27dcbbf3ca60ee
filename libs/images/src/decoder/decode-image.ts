import sharp, { type Metadata } from 'sharp';

import { firstPicture } from '../file-structure/first-picture.js';
import { UnreadableImageError } from '../image-fault.js';
import type { Rectangle, RgbImage, SquareShape } from '../rgb-image.js';
import { cropImage } from './crop.js';
import { decodePixels } from './decode-pixels.js';

import type { DecodedImage, DecoderRequest, DecoderTask } from './messages.js';
import { resizeToSquare } from './resize-to-square.js';

/** As long as a side may be; the formats that people send end here or earlier. */
const LONGEST_SIDE = 65_535;

/** What the image may take once its width is resized and its height is not yet. */
const LARGEST_INTERMEDIATE_BYTES = 64 * 2 ** 20;

/**
 * Does one task with one file, whose format was checked.
 * @throws UnreadableImageError
 */
export async function decodeImage({ bytes, format, maxPixels, task }: DecoderRequest): Promise<DecodedImage> {
  const picture = firstPicture(bytes, format);
  if (picture.fault) throw new UnreadableImageError(picture.fault);
  const metadata = await readHeader(picture.bytes).catch((cause: unknown) => {
    throw new UnreadableImageError({ code: 'damaged', format }, { cause });
  });
  // libheif decodes AV1 alone here, but names the other codec.
  if (metadata.compression === 'hevc') {
    throw new UnreadableImageError({ code: 'unsupported-format', format: 'heic' });
  }
  const { width, height } = metadata.autoOrient;
  requireSize(width, height, maxPixels, task);
  const seen = { width, height, notices: picture.notices };
  if (task.kind === 'inspect') return seen;
  if (task.kind === 'stills') {
    // Of the file as it is: the first picture was cut out of it.
    return { ...seen, stills: await decodeStills(bytes, await readHeader(bytes), task.most) };
  }

  const { image, notices } = await decodePixels({ ...picture, format, metadata, maxPixels });
  const decoded = { width, height, notices };
  switch (task.kind) {
    case 'square':
      return { ...decoded, square: resizeToSquare(part(image, task.crop), task.shape) };
    case 'jpeg':
      return { ...decoded, jpeg: await encodeJpeg(image, task.quality, task.longestSide) };
  }
}

function readHeader(bytes: Uint8Array): Promise<Metadata> {
  return sharp(bytes, { limitInputPixels: false, failOn: 'none' }).metadata();
}

function requireSize(width: number, height: number, maxPixels: number, task: DecoderTask): void {
  const intermediate =
    task.kind === 'square' ? intermediateBytes(task.crop ?? { width, height }, task.shape) : 0;
  if (Math.max(width, height) > LONGEST_SIDE || intermediate > LARGEST_INTERMEDIATE_BYTES) {
    throw new UnreadableImageError({ code: 'sides-too-long', width, height });
  }
  if (width * height > maxPixels) {
    throw new UnreadableImageError({ code: 'too-many-pixels', width, height, most: maxPixels });
  }
}

/** Between the passes over rows and over columns, both sides are as long as the padding makes them. */
function intermediateBytes(
  { width, height }: Pick<Rectangle, 'width' | 'height'>,
  { side, fit }: SquareShape,
): number {
  return side * (fit.kind === 'pad' ? Math.max(width, height) : height) * 3;
}

function part(image: RgbImage, crop: Rectangle | undefined): RgbImage {
  return crop ? cropImage(image, crop) : image;
}

async function encodeJpeg({ data, width, height }: RgbImage, quality: number, longestSide?: number) {
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  if (longestSide !== undefined) {
    image.resize(longestSide, longestSide, { fit: 'inside', withoutEnlargement: true });
  }
  return image.jpeg({ quality }).toBuffer();
}

/** To give a late frame, all before it are decoded. An animation of more pixels in all is seen by its first frame. */
const MOST_PIXELS = 200_000_000;

/**
 * Stills of a GIF or WebP animation, evenly from its first frame to its last and each as it is shown, as PNG files.
 * None of what is too large or damaged.
 */
async function decodeStills(
  bytes: Uint8Array,
  { width, height, pages = 1 }: Metadata,
  most: number,
): Promise<Uint8Array[]> {
  const count = Math.min(most, pages);
  if (count < 2 || width * height * pages > MOST_PIXELS) return [];
  const chosen = Array.from({ length: count }, (_, still) => Math.round((still * (pages - 1)) / (count - 1)));
  const stills: Uint8Array[] = [];
  try {
    for (const page of chosen) stills.push(await sharp(bytes, { page }).png().toBuffer());
  } catch {
    return [];
  }
  return stills;
}
