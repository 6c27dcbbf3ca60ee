import { elementCount, openCheckpoint, toFloat32 } from '#libs/checkpoint';
import { preprocessImage } from '#libs/minigpt4';

import { ArgumentError } from '../console/arguments.js';
import { remark } from '../console/output.js';
import { readImages } from '../generation/read-images.js';

const TENSOR = 'pixel_values';
const MAX_PIXELS = 100_000_000;

/** @returns float32 `[3, side, side]` */
export async function pixelValuesFromImage(path: string, side: number): Promise<Float32Array> {
  const [bytes] = await readImages([path]);
  const { pixelValues, notices } = await preprocessImage(bytes!, { imageSize: side, maxPixels: MAX_PIXELS });
  for (const notice of notices) remark(notice);
  return pixelValues;
}

/**
 * Reads the tensor `pixel_values`, or the only one of a name like `scene.pixel_values`.
 * @returns float32 `[3, side, side]`
 */
export async function readPixelValues(path: string, side: number): Promise<Float32Array> {
  const file = await openCheckpoint(path);
  try {
    const names = [...file.tensors.keys()];
    const candidates = names.includes(TENSOR)
      ? [TENSOR]
      : names.filter((name) => name.endsWith(`.${TENSOR}`));
    if (candidates.length !== 1) {
      const found = candidates.length === 0 ? 'none' : candidates.join(', ');
      throw new ArgumentError(`${path} should hold one tensor named ${TENSOR}; found ${found}.`);
    }
    const tensor = await file.read(candidates[0]!);
    if (elementCount(tensor.shape) !== 3 * side * side) {
      throw new ArgumentError(
        `${path}: ${tensor.name} has the shape [${tensor.shape.join(', ')}], but this model takes [1, 3, ${side}, ${side}].`,
      );
    }
    return toFloat32(tensor);
  } finally {
    await file.close();
  }
}
