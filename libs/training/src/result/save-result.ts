import { join } from 'node:path';

import { type Tensor, writeTorchCheckpoint } from '#libs/checkpoint';
import { packageWeights } from '#libs/minigpt4';
import type { ModelPackage } from '#libs/model-package';

import { weightsOfPackage } from '../initial-weights.js';
import type { TrainableModel } from '../run/training.js';
import { publishedTensor } from './published-tensors.js';
import { saveTrainedPackage } from './trained-package.js';

const PROJECTION_CHECKPOINT = 'projection.pth';
const Q_FORMER_CHECKPOINT = 'q_former.pth';
const PACKAGE_FOLDER = 'model';

/**
 * Writes what was learnt: `projection.pth` in the original's layout with every weight that learnt; where the
 * Q-Former learnt too, `q_former.pth` in the layout of BLIP-2's file; and `model`, a package ready to run.
 */
export async function saveResult(folder: string, trainable: TrainableModel): Promise<void> {
  const learnt = learntWeights(trainable);
  await writeTorchCheckpoint(
    join(folder, PROJECTION_CHECKPOINT),
    learnt.map(({ weight, values }) => publishedTensor(weight, values)),
  );
  const qFormer = learnt.filter(({ weight }) => weight.name.startsWith('q_former.'));
  if (qFormer.length > 0) {
    await writeTorchCheckpoint(join(folder, Q_FORMER_CHECKPOINT), [
      ...(await visionNorm(trainable.model)),
      ...qFormer.map(({ weight, values }) => publishedTensor(weight, values)),
    ]);
  }
  await saveTrainedPackage(join(folder, PACKAGE_FOLDER), trainable);
}

const learntWeights = ({ weights, optimizer }: TrainableModel) =>
  weights.map((weight, index) => ({ weight, values: optimizer.weights[index]!.data }));

async function visionNorm(model: ModelPackage): Promise<Tensor[]> {
  const weights = packageWeights(model.manifest.architecture).filter(({ name }) =>
    name.startsWith('ln_vision.'),
  );
  const values = await weightsOfPackage(model, weights);
  return weights.map((weight, index) => publishedTensor(weight, values[index]!));
}
