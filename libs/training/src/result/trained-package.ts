import { copyFile, link, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import {
  float32Tensor,
  SafetensorsReader,
  SafetensorsWriter,
  type Tensor,
  type TensorInfo,
} from '#libs/checkpoint';
import type { PackageFile } from '#libs/minigpt4';
import {
  digestOfFile,
  MANIFEST_FILE,
  type ModelManifest,
  type ModelPackage,
  TOKENIZER_FILE,
  weightFiles,
} from '#libs/model-package';

import type { TrainableModel } from '../run/training.js';

/** Makes a package of the trained weights and the frozen ones, whose files are shared with the package trained on. */
export async function saveTrainedPackage(folder: string, trainable: TrainableModel): Promise<void> {
  const { model, architecture } = trainable;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const digests: ModelManifest['digests'] = { ...model.manifest.digests };
  await shareFile(model, TOKENIZER_FILE, folder);
  for (const file of weightFiles) {
    const learnt = learntTensors(trainable, file);
    if (learnt.length === 0) {
      await shareFile(model, file, folder);
      continue;
    }
    const frozen = file === 'projection.safetensors' ? [] : await frozenTensors(model, file, learnt);
    await writeTensors(join(folder, file), learnt, frozen);
    digests[file] = await digestOfFile(join(folder, file));
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

/** A tensor that is still in its file. */
interface FileTensor {
  readonly info: TensorInfo;
  readonly read: () => Promise<Tensor>;
}

async function frozenTensors(
  { folder }: ModelPackage,
  file: PackageFile,
  learnt: readonly Tensor[],
): Promise<FileTensor[]> {
  const changed = new Set(learnt.map(({ name }) => name));
  const reader = await SafetensorsReader.open(join(folder, file));
  await reader.close();
  return [...reader.tensors.values()]
    .filter(({ name }) => !changed.has(name))
    .map(({ name, type, shape }) => ({
      info: { name, type, shape },
      async read() {
        const opened = await SafetensorsReader.open(join(folder, file));
        return opened.read(name).finally(() => opened.close());
      },
    }));
}

async function writeTensors(
  path: string,
  learnt: readonly Tensor[],
  frozen: readonly FileTensor[],
): Promise<void> {
  const writer = await SafetensorsWriter.create(path, [...learnt, ...frozen.map(({ info }) => info)]);
  try {
    for (const tensor of learnt) await writer.write(tensor);
    for (const { read } of frozen) await writer.write(await read());
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** Links a file of the package, or copies it where the folder is on another disk. */
async function shareFile({ folder }: ModelPackage, file: string, target: string): Promise<void> {
  const [from, to] = [join(folder, file), join(target, file)];
  await link(from, to).catch(() => copyFile(from, to));
}
