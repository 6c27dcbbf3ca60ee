import { join } from 'node:path';
import { type CheckpointReader, openCheckpoint, toFloat32 } from '#libs/checkpoint';
import { CodedError } from '#libs/errors';
import type { PackageWeight } from '#libs/minigpt4';
import { type ModelPackage, makeWeight } from '#libs/model-package';

import type { LearningWeight } from './adamw.js';
import { Random } from './random.js';

/** As PyTorch initialises a linear layer: uniform within 1/√inputs, matrix and bias alike (torch.nn.Linear). */
export function randomProjection(weights: readonly PackageWeight[], seed: number): Float32Array[] {
  let inputs = 0;
  return weights.map(({ name, shape }) => {
    if (shape.length === 2) inputs = shape[0]!; // a bias follows its matrix
    const bound = 1 / Math.sqrt(inputs);
    const random = new Random(seed, 'initial weight', name);
    return Float32Array.from({ length: shape.reduce((size, length) => size * length, 1) }, () =>
      random.between(-bound, bound),
    );
  });
}

/** @throws CodedError `initial-weights` when the package has a weight of another shape: it is another variant's. */
export async function weightsOfPackage(
  { folder, weights: catalog }: ModelPackage,
  weights: readonly PackageWeight[],
): Promise<Float32Array[]> {
  const readers = new Map<string, CheckpointReader>();
  try {
    const values: Float32Array[] = [];
    for (const { name, shape, file } of weights) {
      const found = catalog.has(name) ? catalog.get(name).shape : undefined;
      if (`${found}` !== `${shape}`) {
        throw new CodedError(
          'initial-weights',
          `${folder}: ${name} is ${found ? `[${found}]` : 'missing'}, but [${shape}] is to be trained. ` +
            'Start from "random", or train the variant the package was made for.',
        );
      }
      const reader = readers.get(file) ?? (await openCheckpoint(join(folder, file)));
      readers.set(file, reader);
      values.push(toFloat32(await reader.read(name)));
    }
    return values;
  } finally {
    for (const reader of readers.values()) await reader.close();
  }
}

/**
 * Weights from a checkpoint in the original's layout, such as an earlier stage's result.
 * @throws CodedError `initial-weights`, CheckpointError
 */
export async function weightsOfCheckpoint(
  path: string,
  weights: readonly PackageWeight[],
): Promise<Float32Array[]> {
  const reader = await openCheckpoint(path);
  try {
    const values: Float32Array[] = [];
    for (const weight of weights) {
      const [tensor] = await makeWeight(weight, { kind: 'none' }, ({ name, shape }) => {
        const found = reader.tensors.get(`model.${name}`) ?? reader.tensors.get(name);
        if (`${found?.shape}` !== `${shape}`) {
          throw new CodedError(
            'initial-weights',
            `${path}: ${name} is ${found ? `[${found.shape}]` : 'missing'}, but [${shape}] is to be trained. ` +
              'Take the checkpoint of the same variant and model.',
          );
        }
        return reader.read(found!.name);
      });
      values.push(toFloat32(tensor!));
    }
    return values;
  } finally {
    await reader.close();
  }
}

/**
 * Weights as AdamW takes them. Matrices decay; biases and other vectors do not (MiniGPT-4, runner_base.py).
 *
 * @param values of each weight, which the optimizer will change
 */
export function toLearningWeights(
  weights: readonly PackageWeight[],
  values: readonly Float32Array[],
  weightDecay: number,
): LearningWeight[] {
  return weights.map(({ name, shape }, index) => ({
    name,
    data: values[index]!,
    weightDecay: shape.length > 1 ? weightDecay : 0,
  }));
}
