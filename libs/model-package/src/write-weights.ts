import { join } from 'node:path';

import { byteLength, streamSafetensors, type Tensor, type TensorInfo } from '#libs/checkpoint';
import { type MatrixFormat, type PackageWeight, storedTensors } from '#libs/minigpt4';

import { requireSpace } from './disk-space.js';
import { elementTypeOf } from './element-types.js';
import type { PackageQuantization } from './manifest.js';
import { formatIn } from './matrix-format.js';
import { weightFiles } from './package-files.js';

/** Makes the tensors that `storedTensors` of libs/minigpt4 announces for a weight. */
export type MakeWeight = (weight: PackageWeight, format: MatrixFormat) => Promise<readonly Tensor[]>;

/**
 * Writes a package's weight files. One weight at a time is made and in memory.
 * @throws CodedError `conversion` when the disk has no room for them
 */
export async function writeWeights(
  folder: string,
  weights: readonly PackageWeight[],
  quantization: PackageQuantization,
  makeWeight: MakeWeight,
  onProgress: (doneBytes: number, totalBytes: number) => void = () => {},
): Promise<void> {
  const infosOf = (weight: PackageWeight) => tensorInfos(weight, formatIn(weight.file, quantization));
  const totalBytes = weights.flatMap(infosOf).reduce((sum, info) => sum + byteLength(info), 0);
  await requireSpace(folder, totalBytes);
  let doneBytes = 0;
  for (const file of weightFiles) {
    const inFile = weights.filter((weight) => weight.file === file);
    await streamSafetensors(join(folder, file), inFile.flatMap(infosOf), async (write) => {
      for (const weight of inFile) {
        for (const tensor of await makeWeight(weight, formatIn(file, quantization))) {
          await write(tensor);
          doneBytes += byteLength(tensor);
          onProgress(doneBytes, totalBytes);
        }
      }
    });
  }
}

function tensorInfos(weight: PackageWeight, format: MatrixFormat): TensorInfo[] {
  return storedTensors(weight, format).map(({ name, dataType, shape }) => ({
    name,
    type: elementTypeOf(dataType),
    shape,
  }));
}
