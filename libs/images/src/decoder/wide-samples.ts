import type { Metadata, Sharp } from 'sharp';

import { type ImageNotice, UnreadableImageError } from '../image-fault.js';
import type { RgbImage } from '../rgb-image.js';

interface WideImage {
  readonly image: RgbImage;
  readonly notices: readonly ImageNotice[];
}

/** Whether an image's samples are floating-point numbers or whole ones of 32 bits, as only TIFF has them. */
export function hasWideSamples({ depth }: Metadata): boolean {
  return depth === 'float' || depth === 'int' || depth === 'uint';
}

/**
 * Samples without a range of their own, as measurements and renderings have them. Floating-point numbers from 0 to 1
 * are shades from black to white, not of linear light unless a profile says so: ImageMagick, GIMP, OpenCV and
 * scikit-image read them thus, libvips otherwise (findings/sharp-float-tiff.sh). All others are spread from the smallest to the
 * largest, which is said.
 * @param upright the file, opened and turned
 * @throws UnreadableImageError what has transparency or a profile
 */
export async function readWideSamples(upright: Sharp, metadata: Metadata): Promise<WideImage> {
  const { channels, depth, hasProfile } = metadata;
  if (hasProfile || (channels !== 1 && channels !== 3)) {
    throw new UnreadableImageError({ code: 'unsupported-kind', kind: 'tiff-float' });
  }
  // These are the spaces that libvips gives such files, so that it hands out the samples as they are.
  const space = channels === 1 ? 'b-w' : depth === 'float' ? 'scrgb' : 'srgb';
  const { data, info } = await upright
    .toColourspace(space)
    .raw({ depth: 'float' })
    .toBuffer({ resolveWithObject: true });
  const samples = new Float32Array(data.buffer, data.byteOffset, data.length / 4);
  const range = rangeOf(samples);
  const isShades = depth === 'float' && range.smallest >= 0 && range.largest <= 1;
  const bytes = toBytes(samples, isShades ? { smallest: 0, largest: 1 } : range);
  const image = { data: channels === 1 ? threefold(bytes) : bytes, width: info.width, height: info.height };
  return { image, notices: isShades ? [] : ['values-spread'] };
}

interface Range {
  readonly smallest: number;
  readonly largest: number;
}

/** Of the finite ones: programs mark what was not measured by NaN. */
function rangeOf(samples: Float32Array): Range {
  let [smallest, largest] = [Infinity, -Infinity];
  for (const sample of samples) {
    if (!Number.isFinite(sample)) continue;
    if (sample < smallest) smallest = sample;
    if (sample > largest) largest = sample;
  }
  return { smallest, largest };
}

/** NaN becomes black. */
function toBytes(samples: Float32Array, { smallest, largest }: Range): Uint8Array {
  const width = largest - smallest;
  return new Uint8Array(
    Uint8ClampedArray.from(samples, (sample) => (width > 0 ? ((sample - smallest) * 255) / width : 0)).buffer,
  );
}

function threefold(greys: Uint8Array): Uint8Array {
  const data = new Uint8Array(greys.length * 3);
  for (let at = 0; at < greys.length; at++) data.fill(greys[at]!, at * 3, at * 3 + 3);
  return data;
}
