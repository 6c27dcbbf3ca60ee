import { inspectImage, type Rectangle, type RgbImage, readSquareImage, type SquareImage } from '#libs/images';

/** An image as the ViT takes it. */
export interface PreprocessedImage extends Omit<SquareImage, 'square'> {
  /** `[3, side, side]`: red, green and blue, each normalised. */
  readonly pixelValues: Float32Array;
}

export interface PreprocessingOptions {
  /** Side of the square that the ViT takes. */
  readonly imageSize: number;
  /** Larger images are refused before they are decoded. */
  readonly maxPixels: number;
  /** Chooses the part to look at, given the image's size; the whole image when left out. */
  readonly crop?: (width: number, height: number) => Rectangle;
}

/** CLIP's mean and standard deviation of red, green and blue (MiniGPT-4, blip_processors.py). */
const mean = [0.48145466, 0.4578275, 0.40821073] as const;
const standardDeviation = [0.26862954, 0.26130258, 0.27577711] as const;

/**
 * Makes the ViT's input from the bytes of an image file: PNG, JPEG, WebP, GIF, AVIF or TIFF.
 *
 * As the original's (MiniGPT-4, blip_processors.py): both sides are resized to the square, whatever the shape,
 * with PIL's bicubic filter, and the colours normalised by CLIP's constants.
 * Where people's pictures would suffer, it is not: the original ignores the orientation that cameras write into
 * photos, so that they lie on their side, and shows the hidden colours of transparent pixels. Here photos are
 * turned upright, and transparent images lie on a ground.
 *
 * @throws UnreadableImageError
 */
export async function preprocessImage(
  bytes: Uint8Array,
  { imageSize, maxPixels, crop }: PreprocessingOptions,
): Promise<PreprocessedImage> {
  const part = crop && (await choosePart(bytes, maxPixels, crop));
  const { square, ...seen } = await readSquareImage(bytes, { maxPixels, side: imageSize, crop: part });
  return { ...seen, pixelValues: normalisePixels(square) };
}

/** Interleaved bytes `[side, side, 3]` → normalised planes `[3, side, side]`. */
export function normalisePixels({ data, width, height }: RgbImage): Float32Array {
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

async function choosePart(
  bytes: Uint8Array,
  maxPixels: number,
  crop: NonNullable<PreprocessingOptions['crop']>,
): Promise<Rectangle> {
  const { width, height } = await inspectImage(bytes, { maxPixels });
  return crop(width, height);
}
