import sharp, { type Metadata, type Sharp } from 'sharp';

import { type RgbImage, resizeBicubic } from './bicubic.js';
import { cropImage, type Rectangle } from './crop.js';

/** An image as the ViT takes it. */
export interface PreprocessedImage {
  /** `[3, side, side]`: red, green and blue, each normalised. */
  readonly pixelValues: Float32Array;
  /** Of the image as it is looked at, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Remarks for the person who sent it. */
  readonly notices: readonly string[];
}

export interface PreprocessingOptions {
  /** Side of the square that the ViT takes. */
  readonly imageSize: number;
  /** Larger images are refused before they are decoded. */
  readonly maxPixels: number;
  /** Chooses the part to look at, given the image's size; the whole image when left out. */
  readonly crop?: (width: number, height: number) => Rectangle;
}

/** Bytes that are no readable image, or an image of too many pixels. */
export class UnreadableImageError extends Error {
  override readonly name = 'UnreadableImageError';
}

/** CLIP's mean and standard deviation of red, green and blue (MiniGPT-4, blip_processors.py). */
const mean = [0.48145466, 0.4578275, 0.40821073] as const;
const standardDeviation = [0.26862954, 0.26130258, 0.27577711] as const;

const formats: ReadonlySet<string> = new Set(['png', 'jpeg', 'webp', 'gif', 'heif', 'tiff']);

/**
 * Makes the ViT's input from the bytes of an image file: PNG, JPEG, WebP, GIF, AVIF or TIFF.
 *
 * As the original's (MiniGPT-4, blip_processors.py): both sides are resized to the square, whatever the shape,
 * with PIL's bicubic filter, and the colours normalised by CLIP's constants.
 * Where people's pictures would suffer, it is not: the original ignores the orientation that cameras write into
 * photos, so that they lie on their side, and shows the hidden colours of transparent pixels. Here photos are
 * turned upright, and transparent images lie on white.
 *
 * @throws UnreadableImageError
 */
export async function preprocessImage(
  bytes: Uint8Array,
  { imageSize, maxPixels, crop }: PreprocessingOptions,
): Promise<PreprocessedImage> {
  const metadata = await inspectImage(bytes, maxPixels);
  const image = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error' })
    .autoOrient()
    .flatten({ background: 'white' })
    .toColourspace('srgb');
  const { width, height } = metadata.autoOrient;
  const decoded = await decode(image);
  const shown = crop ? cropImage(decoded, crop(width, height)) : decoded;
  return {
    pixelValues: normalise(resizeBicubic(shown, imageSize)),
    width,
    height,
    notices: noticesOf(metadata),
  };
}

/** Reads the header alone. */
async function inspectImage(bytes: Uint8Array, maxPixels: number): Promise<Metadata> {
  if (bytes.length === 0) throw new UnreadableImageError('The image file is empty.');
  const metadata = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((cause: unknown) => {
      throw new UnreadableImageError(
        'This file is not an image that can be read. PNG, JPEG, WebP, GIF, AVIF and TIFF can.',
        { cause },
      );
    });
  const { format, width, height } = metadata;
  if (!formats.has(format)) {
    throw new UnreadableImageError(
      `This is a file of the type ${format}, which is not read. PNG, JPEG, WebP, GIF, AVIF and TIFF are.`,
    );
  }
  if (metadata.compression === 'hevc') {
    throw new UnreadableImageError(
      'This is a HEIC photo, which cannot be read here. Send it as JPEG or PNG instead.',
    );
  }
  if (width * height > maxPixels) {
    throw new UnreadableImageError(
      `The image has ${width} × ${height} pixels; at most ${maxPixels} in all are accepted. Send a smaller one.`,
    );
  }
  return metadata;
}

async function decode(image: Sharp): Promise<RgbImage> {
  const { data, info } = await image
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new UnreadableImageError('The image is damaged or cut off: it could not be decoded to the end.', {
        cause,
      });
    });
  return { data, width: info.width, height: info.height };
}

/** Interleaved bytes `[side, side, 3]` → normalised planes `[3, side, side]`. */
function normalise({ data, width, height }: RgbImage): Float32Array {
  const pixels = width * height;
  const planes = new Float32Array(3 * pixels);
  for (const channel of [0, 1, 2] as const) {
    const scale = 1 / (255 * standardDeviation[channel]);
    const offset = mean[channel] / standardDeviation[channel];
    for (let pixel = 0; pixel < pixels; pixel++) {
      planes[channel * pixels + pixel] = data[3 * pixel + channel]! * scale - offset;
    }
  }
  return planes;
}

function noticesOf({ format, pages = 1 }: Metadata): string[] {
  if (pages === 1) return [];
  return format === 'tiff'
    ? ['The file has several pages. Only the first one was looked at.']
    : ['The image is animated. Only its first frame was looked at.'];
}
