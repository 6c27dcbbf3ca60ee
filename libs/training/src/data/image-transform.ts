import type { Rectangle } from '#libs/images';
import { preprocessImage, type VisionInput } from '#libs/minigpt4';

import { Random } from '../random.js';
import type { ImageTransform } from './dataset.js';

/** Images of more pixels than photos have are not decoded. */
const MAX_PIXELS = 100_000_000;

/** Shares of the image's area that a crop may have, and its width by its height. */
const AREA = [0.5, 1] as const;
const ASPECT = [3 / 4, 4 / 3] as const;
const ATTEMPTS = 10;

/** The whole image, as the model looks at it: what the original trains with since November 2023, and answers with. */
export function wholeImage({ imageSize, resizing }: VisionInput): ImageTransform {
  return {
    deterministic: true,
    apply: async (bytes) =>
      (await preprocessImage(bytes, { imageSize, resizing, maxPixels: MAX_PIXELS })).pixelValues,
  };
}

/**
 * A random part of the image, from half of its area to all, resized to the square: what the published projections
 * were trained with (MiniGPT-4, blip_processors.py until 8 November 2023; torchvision, `RandomResizedCrop`).
 */
export function randomResizedCrop({ imageSize, resizing }: VisionInput): ImageTransform {
  return {
    deterministic: false,
    async apply(bytes, seed) {
      const crop = (width: number, height: number) => randomCrop(width, height, seed);
      return (await preprocessImage(bytes, { imageSize, resizing, maxPixels: MAX_PIXELS, crop })).pixelValues;
    },
  };
}

/** As torchvision chooses it: the first of ten random shapes that fits, else the largest allowed one in the middle. */
export function randomCrop(imageWidth: number, imageHeight: number, seed: number): Rectangle {
  const random = new Random(seed, 'crop');
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = imageWidth * imageHeight * random.between(...AREA);
    const aspect = Math.exp(random.between(Math.log(ASPECT[0]), Math.log(ASPECT[1])));
    const width = Math.round(Math.sqrt(area * aspect));
    const height = Math.round(Math.sqrt(area / aspect));
    if (width > 0 && width <= imageWidth && height > 0 && height <= imageHeight) {
      const left = random.below(imageWidth - width + 1);
      const top = random.below(imageHeight - height + 1);
      return { left, top, width, height };
    }
  }
  const width = Math.min(imageWidth, Math.round(imageHeight * ASPECT[1]));
  const height = Math.min(imageHeight, Math.round(imageWidth / ASPECT[0]));
  return {
    left: Math.floor((imageWidth - width) / 2),
    top: Math.floor((imageHeight - height) / 2),
    width,
    height,
  };
}
