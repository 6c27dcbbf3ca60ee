import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { byteLength, CheckpointError, SafetensorsReader } from '#libs/checkpoint';
import { CodedError } from '#libs/errors';
import type { WeightCatalog, WeightLocation } from '#libs/graph';
import { type PackageFile, packageWeights, storedTensors } from '#libs/minigpt4';

import { dataTypeOf } from './element-types.js';
import { type ModelManifest, modelManifest } from './manifest.js';
import { formatIn } from './matrix-format.js';
import {
  MANIFEST_FILE,
  QUESTION_VOCABULARY_FILE,
  TOKENIZER_FILE,
  vocabularyFiles,
  weightFiles,
} from './package-files.js';

/** A model package whose files are there and fit together. No weight is in memory yet. */
export interface ModelPackage {
  readonly folder: string;
  readonly manifest: ModelManifest;
  /** Where the weights lie, for graphs to refer to. */
  readonly weights: WeightCatalog;
  readonly tokenizerPath: string;
  /** By which the Q-Former reads questions, where it does. */
  readonly questionVocabularyPath?: string;
}

/**
 * Opens a model package and checks, from the files' headers, that it holds every weight its architecture
 * needs in the right shape. Digests are left to `verifyModelPackage`, which reads every byte.
 *
 * @throws CodedError `model-package` that says what does not fit.
 */
export async function openModelPackage(folder: string): Promise<ModelPackage> {
  const manifest = await readManifest(folder);
  const vocabularies = vocabularyFiles(manifest.architecture);
  for (const file of vocabularies) {
    const path = join(folder, file);
    await access(path).catch((cause: unknown) => {
      throw new CodedError('model-package', `${path} is missing. Convert the model again.`, { cause });
    });
  }
  const locations = new Map<string, WeightLocation>();
  for (const file of weightFiles) {
    for (const [name, location] of await locateTensors(folder, file)) locations.set(name, location);
  }
  checkWeights(folder, manifest, locations);
  return {
    folder,
    manifest,
    weights: catalogOf(folder, locations),
    tokenizerPath: join(folder, TOKENIZER_FILE),
    ...(vocabularies.includes(QUESTION_VOCABULARY_FILE) && {
      questionVocabularyPath: join(folder, QUESTION_VOCABULARY_FILE),
    }),
  };
}

async function readManifest(folder: string): Promise<ModelManifest> {
  const path = join(folder, MANIFEST_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new CodedError(
      'model-package',
      `${folder} is not a model package: it has no ${MANIFEST_FILE}. Packages are made by "convert".`,
      { cause },
    );
  }
  try {
    return modelManifest.parse(JSON.parse(text));
  } catch (cause) {
    const problem = cause instanceof z.ZodError ? z.prettifyError(cause) : 'it is not JSON';
    throw new CodedError('model-package', `${path} cannot be used: ${problem}`, { cause });
  }
}

async function locateTensors(folder: string, file: PackageFile): Promise<Map<string, WeightLocation>> {
  const path = join(folder, file);
  let reader: SafetensorsReader;
  try {
    reader = await SafetensorsReader.open(path);
  } catch (cause) {
    if (!(cause instanceof CheckpointError)) throw cause;
    throw new CodedError('model-package', `The model package is incomplete or damaged. ${cause.message}`, {
      cause,
    });
  }
  await reader.close();
  const locations = new Map<string, WeightLocation>();
  for (const tensor of reader.tensors.values()) {
    const dataType = dataTypeOf(tensor.type);
    if (!dataType) {
      throw new CodedError(
        'model-package',
        `${path}: ${tensor.name} has ${tensor.type} elements, which packages do not hold.`,
      );
    }
    locations.set(tensor.name, {
      file,
      offset: tensor.offset,
      length: byteLength(tensor),
      dataType,
      shape: tensor.shape,
    });
  }
  return locations;
}

/** Compares what the files hold with what the architecture needs. */
function checkWeights(
  folder: string,
  { architecture, quantization }: ModelManifest,
  locations: ReadonlyMap<string, WeightLocation>,
): void {
  for (const weight of packageWeights(architecture)) {
    const format = formatIn(weight.file, quantization);
    for (const expected of storedTensors(weight, format)) {
      const found = locations.get(expected.name);
      if (found?.file !== weight.file) {
        throw new CodedError(
          'model-package',
          `${join(folder, weight.file)} lacks the weight ${expected.name}.`,
        );
      }
      if (found.dataType !== expected.dataType || `${found.shape}` !== `${expected.shape}`) {
        throw new CodedError(
          'model-package',
          `${join(folder, weight.file)}: ${expected.name} is ${found.dataType} [${found.shape.join(', ')}], ` +
            `but the architecture in ${MANIFEST_FILE} needs ${expected.dataType} [${expected.shape.join(', ')}].`,
        );
      }
    }
  }
}

function catalogOf(folder: string, locations: ReadonlyMap<string, WeightLocation>): WeightCatalog {
  return {
    has: (name) => locations.has(name),
    get(name) {
      const location = locations.get(name);
      if (!location) throw new CodedError('model-package', `${folder} holds no weight ${name}.`);
      return location;
    },
  };
}
