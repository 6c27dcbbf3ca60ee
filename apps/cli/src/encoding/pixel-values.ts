import { parse } from 'node:path';
import { elementCount, openCheckpoint, toFloat32 } from '#libs/checkpoint';
import { CodedError } from '#libs/errors';
import { noticeSentence } from '#libs/images';
import { preprocessImage, type VisionInput } from '#libs/minigpt4';

import { remark } from '../console/output.js';
import { readImages } from '../generation/read-images.js';

const TENSOR = 'pixel_values';
const MAX_PIXELS = 100_000_000;

/** @returns float32 `[3, side, side]` */
export async function pixelValuesFromImage(path: string, vision: VisionInput): Promise<Float32Array> {
  const [bytes] = await readImages([path]);
  const { pixelValues, notices } = await preprocessImage(bytes!, {
    imageSize: vision.imageSize,
    resizing: vision.resizing,
    maxPixels: MAX_PIXELS,
  });
  for (const notice of notices) remark(noticeSentence(notice));
  return pixelValues;
}

/**
 * Reads the tensor `pixel_values`, or `<name>.pixel_values` where `name` is the picture's or the only one.
 * @returns float32 `[3, side, side]`
 */
export async function readPixelValues(
  path: string,
  side: number,
  image: string | undefined,
): Promise<Float32Array> {
  const file = await openCheckpoint(path);
  try {
    const tensor = await file.read(choosePixelValues(path, [...file.tensors.keys()], image));
    if (elementCount(tensor.shape) !== 3 * side * side) {
      throw new CodedError(
        'argument',
        `${path}: ${tensor.name} has the shape [${tensor.shape.join(', ')}], but this model takes [1, 3, ${side}, ${side}].`,
      );
    }
    return toFloat32(tensor);
  } finally {
    await file.close();
  }
}

function choosePixelValues(path: string, names: readonly string[], image: string | undefined): string {
  const ofImage = image && `${parse(image).name}.${TENSOR}`;
  const exact = [TENSOR, ofImage].find((name) => name && names.includes(name));
  if (exact) return exact;
  const candidates = names.filter((name) => name.endsWith(`.${TENSOR}`));
  if (candidates.length === 1) return candidates[0]!;
  const found = candidates.length === 0 ? 'none' : candidates.join(', ');
  throw new CodedError(
    'argument',
    `${path} should hold one tensor named ${TENSOR}; found ${found}. Where there are several, --image tells which.`,
  );
}
