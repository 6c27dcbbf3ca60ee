import { access, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { float32Tensor, openCheckpoint, toFloat32, writeSafetensors } from '#libs/checkpoint';
import { CodedError } from '#libs/errors';

import { AdamW } from '../adamw.js';
import type { StreamPosition } from '../data/dataset.js';

const CHECKPOINT_FILE = 'checkpoint.safetensors';

const streamPosition: z.ZodType<StreamPosition> = z.json();

const progress = z.strictObject({
  /** Steps taken. */
  step: z.int().nonnegative(),
  /** Images seen. */
  images: z.int().nonnegative(),
  skipped: z.int().nonnegative(),
  /** Seconds of training, interruptions left out. */
  seconds: z.number().nonnegative(),
  /** In the data. */
  position: streamPosition,
});
export type TrainingProgress = z.infer<typeof progress>;

const tensorsOf = ({ weights, moments }: AdamW) =>
  weights.flatMap(({ name, data }, index) => [
    float32Tensor(name, [data.length], data),
    float32Tensor(`first_moment.${name}`, [data.length], moments[index]!.first),
    float32Tensor(`second_moment.${name}`, [data.length], moments[index]!.second),
  ]);

export const hasCheckpoint = (folder: string): Promise<boolean> =>
  access(join(folder, CHECKPOINT_FILE)).then(
    () => true,
    () => false,
  );

/**
 * Keeps all that is needed to go on exactly: weights, moments, steps, place in the data. Random choices follow from
 * the seed and these. The file is replaced at once: when writing fails, the one before is still there.
 */
export async function saveCheckpoint(
  folder: string,
  optimizer: AdamW,
  state: TrainingProgress,
): Promise<void> {
  const path = join(folder, CHECKPOINT_FILE);
  const partial = `${path}.partial`;
  const tensors = tensorsOf(optimizer);
  try {
    await writeSafetensors(partial, tensors, { progress: JSON.stringify(state) });
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Reads a checkpoint into the optimizer's weights and moments. @throws CodedError `training`, CheckpointError */
export async function loadCheckpoint(folder: string, optimizer: AdamW): Promise<TrainingProgress> {
  const path = join(folder, CHECKPOINT_FILE);
  const reader = await openCheckpoint(path);
  try {
    const state = progress.parse(JSON.parse(String(reader.metadata.get('progress'))));
    const read = async (name: string, target: Float32Array) => {
      const values = toFloat32(await reader.read(name));
      if (values.length !== target.length) {
        throw new CodedError(
          'training',
          `${path}: ${name} has ${values.length} numbers, but ${target.length} are trained.`,
        );
      }
      target.set(values);
    };
    for (const [index, { name, data }] of optimizer.weights.entries()) {
      await read(name, data);
      await read(`first_moment.${name}`, optimizer.moments[index]!.first);
      await read(`second_moment.${name}`, optimizer.moments[index]!.second);
    }
    optimizer.steps = state.step;
    return state;
  } finally {
    await reader.close();
  }
}
