import {
  inspectImage,
  type Rectangle,
  type RgbColour,
  type RgbImage,
  readSquareImage,
  type SquareImage,
  type SquareShape,
} from '#libs/images';

import type { VisionConfig } from './config.js';

/** An image as the ViT takes it. */
export interface PreprocessedImage extends Omit<SquareImage, 'square'> {
  /** `[3, side, side]`: red, green and blue, each normalised. */
  readonly pixelValues: Float32Array;
}

/** The square that a ViT takes, and how pictures of other shapes become it. */
export interface VisionInput {
  /** Side of the square in pixels. */
  readonly imageSize: number;
  /** Stretched when left out. */
  readonly resizing?: VisionConfig['resizing'];
}

export interface PreprocessingOptions extends VisionInput {
  /** Larger images are refused before they are decoded. */
  readonly maxPixels: number;
  /** Chooses the part to look at, given the image's size; the whole image when left out. */
  readonly crop?: (width: number, height: number) => Rectangle;
}

/** CLIP's mean and standard deviation of red, green and blue (MiniGPT-4, blip_processors.py). */
export const clipColours = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  standardDeviation: [0.26862954, 0.26130258, 0.27577711],
} as const;

/** The mean colour in bytes, rounded down, on which pictures are laid (LLaVA, mm_utils.py, `process_images`). */
const paddingColour: RgbColour = [122, 116, 104];

/**
 * Makes the ViT's input from the bytes of an image file: PNG, JPEG, WebP, GIF, AVIF or TIFF.
 *
 * As the originals' (MiniGPT-4, blip_processors.py; LLaVA, mm_utils.py): resized to the square with PIL's bicubic
 * filter, after stretching, padding or cropping, and the colours normalised by CLIP's constants.
 * Where people's pictures would suffer, it is not: the original ignores the orientation that cameras write into
 * photos, so that they lie on their side, and shows the hidden colours of transparent pixels. Here photos are
 * turned upright, and transparent images lie on a ground.
 *
 * @throws UnreadableImageError
 */
export async function preprocessImage(
  bytes: Uint8Array,
  { maxPixels, crop, ...vision }: PreprocessingOptions,
): Promise<PreprocessedImage> {
  const part = crop && (await choosePart(bytes, maxPixels, crop));
  const { square, ...seen } = await readSquareImage(bytes, {
    maxPixels,
    shape: squareShape(vision),
    crop: part,
  });
  return { ...seen, pixelValues: normalisePixels(square) };
}

/** What image files are made before the ViT sees them. */
export function squareShape({ imageSize, resizing = 'stretch' }: VisionInput): SquareShape {
  const fit =
    resizing === 'pad' ? ({ kind: 'pad', colour: paddingColour } as const) : ({ kind: resizing } as const);
  return { side: imageSize, fit };
}

/** Interleaved bytes `[side, side, 3]` → normalised planes `[3, side, side]`. */
export function normalisePixels({ data, width, height }: RgbImage): Float32Array {
  const pixels = width * height;
  const planes = new Float32Array(3 * pixels);
  for (const channel of [0, 1, 2] as const) {
    const scale = 1 / (255 * clipColours.standardDeviation[channel]);
    const offset = clipColours.mean[channel] / clipColours.standardDeviation[channel];
    for (let pixel = 0; pixel < pixels; pixel++) {
      planes[channel * pixels + pixel] = data[3 * pixel + channel]! * scale - offset;
    }
  }
  return planes;
}

async function choosePart(
  bytes: Uint8Array,
  maxPixels: number,
  crop: NonNullable<PreprocessingOptions['crop']>,
): Promise<Rectangle> {
  const { width, height } = await inspectImage(bytes, { maxPixels });
  return crop(width, height);
}
