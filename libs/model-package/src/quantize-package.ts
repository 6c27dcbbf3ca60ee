import { copyFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { float32Tensor, SafetensorsReader, type Tensor, toFloat32 } from '#libs/checkpoint';
import { CodedError } from '#libs/errors';
import { digestOfFile } from '#libs/files';
import { type PackageFile, type PackageWeight, packageWeights } from '#libs/minigpt4';

import { makeWeight } from './make-weight.js';
import { type ModelManifest, modelManifest, type PackageQuantization } from './manifest.js';
import { openModelPackage } from './open-model-package.js';
import { MANIFEST_FILE, packageFiles, vocabularyFiles, weightFiles } from './package-files.js';
import { writeFolderAtOnce } from './write-folder-at-once.js';
import { writeWeights } from './write-weights.js';

export interface PackageQuantizationOptions {
  /** The folder of a package in float32. */
  readonly model: string;
  /** The folder to make. It must not exist, or be empty. */
  readonly out: string;
  readonly quantization: PackageQuantization;
}

/**
 * Makes a quantised package from one in float32, without the checkpoints that it was made from.
 * @throws CodedError `model-package` when the model is quantised already; `conversion`
 */
export async function quantizePackage({
  model,
  out,
  quantization,
}: PackageQuantizationOptions): Promise<void> {
  const { manifest } = await openModelPackage(model);
  const { decoder, encoder } = manifest.quantization;
  if (decoder.kind !== 'none' || (encoder && encoder.kind !== 'none')) {
    throw new CodedError(
      'model-package',
      `${model} is quantised already. Start from the package in float32.`,
    );
  }
  const readers = new Map<PackageFile, SafetensorsReader>();
  try {
    for (const file of weightFiles) readers.set(file, await SafetensorsReader.open(join(model, file)));
    await writeFolderAtOnce(out, async (folder) => {
      for (const file of vocabularyFiles(manifest.architecture)) {
        await copyFile(join(model, file), join(folder, file));
      }
      await writeWeights(folder, packageWeights(manifest.architecture), quantization, (weight, format) =>
        makeWeight(asPublished(weight), format, async () =>
          publishedTensor(weight, readers.get(weight.file)!),
        ),
      );
      const digests: ModelManifest['digests'] = {};
      for (const file of packageFiles(manifest.architecture)) {
        digests[file] = await digestOfFile(join(folder, file));
      }
      const quantized = modelManifest.parse({
        ...manifest,
        name: basename(resolve(out)),
        quantization,
        digests,
      });
      await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(quantized, null, 2)}\n`);
    });
  } finally {
    await Promise.all([...readers.values()].map((reader) => reader.close()));
  }
}

/** The same weight as if it came from one published tensor, whose matrices are the other way round. */
function asPublished(weight: PackageWeight): PackageWeight {
  const isMatrix = weight.role === 'matrix';
  const shape = isMatrix ? weight.shape.toReversed() : weight.shape;
  const tensor = { checkpoint: 'llm', name: weight.name, shape } as const;
  return { ...weight, source: { kind: isMatrix ? 'transpose' : 'copy', tensor } };
}

async function publishedTensor({ name, role }: PackageWeight, reader: SafetensorsReader): Promise<Tensor> {
  const tensor = await reader.read(name);
  if (role !== 'matrix') return tensor;
  const [inputs = 0, outputs = 0] = tensor.shape;
  const values = toFloat32(tensor);
  const transposed = new Float32Array(values.length);
  for (let input = 0; input < inputs; input++) {
    for (let output = 0; output < outputs; output++) {
      transposed[output * inputs + input] = values[input * outputs + output]!;
    }
  }
  return float32Tensor(name, [outputs, inputs], transposed);
}
