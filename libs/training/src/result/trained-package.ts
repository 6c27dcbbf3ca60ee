import { copyFile, link, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  float32Tensor,
  SafetensorsReader,
  streamSafetensors,
  type Tensor,
  writeSafetensors,
} from '#libs/checkpoint';
import { digestOfFile } from '#libs/files';
import type { PackageFile } from '#libs/minigpt4';
import {
  MANIFEST_FILE,
  type ModelManifest,
  type ModelPackage,
  vocabularyFiles,
  weightFiles,
} from '#libs/model-package';

import type { TrainableModel } from '../run/training.js';

/** Makes a package of the trained weights and the frozen ones, whose files are shared with the package trained on. */
export async function saveTrainedPackage(folder: string, trainable: TrainableModel): Promise<void> {
  const { model, architecture } = trainable;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const digests: ModelManifest['digests'] = { ...model.manifest.digests };
  for (const file of vocabularyFiles(architecture)) await shareFile(model, file, folder);
  for (const file of weightFiles) {
    const learnt = learntTensors(trainable, file);
    if (learnt.length === 0) {
      await shareFile(model, file, folder);
      continue;
    }
    const path = join(folder, file);
    // A variant's projection has layers of its own, so nothing of the old file is kept.
    if (file === 'projection.safetensors') await writeSafetensors(path, learnt);
    else await writeChanged(join(model.folder, file), path, learnt);
    digests[file] = await digestOfFile(path);
  }
  const name = `${model.manifest.name}-${basename(dirname(resolve(folder)))}`;
  const manifest: ModelManifest = { ...model.manifest, name, architecture, digests };
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
}

function learntTensors({ weights, optimizer }: TrainableModel, file: PackageFile): Tensor[] {
  return weights.flatMap((weight, index) =>
    weight.file === file ? [float32Tensor(weight.name, weight.shape, optimizer.weights[index]!.data)] : [],
  );
}

/** Writes a weights file anew: what was learnt in place of what the file had, all else as it was. */
async function writeChanged(from: string, to: string, learnt: readonly Tensor[]): Promise<void> {
  const changed = new Set(learnt.map(({ name }) => name));
  const reader = await SafetensorsReader.open(from);
  try {
    const frozen = [...reader.tensors.values()].filter(({ name }) => !changed.has(name));
    await streamSafetensors(to, [...learnt, ...frozen], async (write) => {
      for (const tensor of learnt) await write(tensor);
      for (const { name } of frozen) await write(await reader.read(name));
    });
  } finally {
    await reader.close();
  }
}

/** Links a file of the package, or copies it where the folder is on another disk. */
async function shareFile({ folder }: ModelPackage, file: string, target: string): Promise<void> {
  const [from, to] = [join(folder, file), join(target, file)];
  await link(from, to).catch(() => copyFile(from, to));
}
