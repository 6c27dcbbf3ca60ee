import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CodedError } from '#libs/errors';
import {
  type ArchitectureHints,
  architectureHints,
  type Family,
  type PublishedModel,
  recogniseFamily,
} from '#libs/families';
import { digestOfFile, sizeOfFile } from '#libs/files';
import { type ArchitectureConfig, checkSourceTensors, packageWeights } from '#libs/minigpt4';
import { type ConvertedTokenizer, convertTokenizer, readQuestionVocabulary } from './convert-tokenizer.js';

import { makeWeight } from './make-weight.js';
import {
  type EncoderQuantization,
  type ModelManifest,
  modelManifest,
  type Quantization,
} from './manifest.js';
import { type FoundFiles, openFoundFiles } from './open-found-files.js';
import { type NamedFiles, openNamedFiles } from './open-named-files.js';
import { MANIFEST_FILE, packageFiles, QUESTION_VOCABULARY_FILE, TOKENIZER_FILE } from './package-files.js';
import type { PublishedSources } from './published-sources.js';
import { CONFIG_FILE } from './read-settings.js';
import { withImageSize } from './with-image-size.js';
import { writeFolderAtOnce } from './write-folder-at-once.js';
import { writeWeights } from './write-weights.js';

export interface ConversionProgress {
  readonly stage: 'converting' | 'checking';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface ConversionOptions {
  readonly sources: NamedFiles | FoundFiles;
  /** The folder to make. It must not exist, or be empty. */
  readonly out: string;
  /** Of the decoder's matrices. */
  readonly quantization: Quantization;
  /** Of the matrices of ViT and Q-Former; float32 when left out, as all else. */
  readonly encoderQuantization?: EncoderQuantization;
  /** The folder's name by default. */
  readonly name?: string;
  readonly description?: string;
  /** Side of the pictures in pixels, where it is to be another than the ViT was trained with. */
  readonly imageSize?: number;
  /** Takes a language model although it is recognised as one that the published projections do not fit. */
  readonly anyLanguageModel?: boolean;
  readonly onProgress?: (progress: ConversionProgress) => void;
  /** Stops the conversion before the next tensor or file; nothing is left of it then. */
  readonly signal?: AbortSignal;
  /** Hears, in sentences, what had to be assumed or corrected. */
  readonly onNotice?: (notice: string) => void;
}

const DEFAULT_DESCRIPTION =
  'Looks at pictures and talks about them in English. It can be wrong, most often about details and about where things are.';

/**
 * Makes a model package from published checkpoints. Tensors stream through one by one; the folder appears
 * complete or not at all.
 *
 * @throws CodedError `conversion` or `checkpoint-mismatch`, CheckpointError, and the reason of `signal`
 */
export async function convert(options: ConversionOptions): Promise<ModelManifest> {
  const { onNotice = () => {} } = options;
  const { family, sources } = await openSources(options.sources);
  try {
    const { checkpoints } = sources;
    const hints = await readArchitectureHints(sources.pathOf('vit'));
    const published = family.read(checkpoints, hints);
    if (!options.anyLanguageModel) family.refuseWrongLanguageModel?.(published, checkpoints);
    const publishedWeights = packageWeights(published.architecture, published.layout);
    checkSourceTensors(publishedWeights, checkpoints);
    const { architecture, weights } = withImageSize(
      published.architecture,
      publishedWeights,
      options.imageSize ?? published.imageSize,
    );
    const tokenizer = await convertTokenizer({
      folder: sources.llmFolder,
      config: checkpoints.settings.llm?.config,
      rows: architecture.decoder.vocabulary,
      vocabulary: published.vocabulary,
      beginsWithEnd: published.beginsWithEnd,
    });
    const questionVocabulary = await readQuestionVocabulary(architecture, sources);
    for (const notice of [...sources.notices, ...published.notices, ...tokenizer.notices]) onNotice(notice);

    return await writeFolderAtOnce(options.out, async (folder) => {
      await writeFile(join(folder, TOKENIZER_FILE), JSON.stringify(tokenizer.json));
      if (questionVocabulary !== undefined) {
        await writeFile(join(folder, QUESTION_VOCABULARY_FILE), questionVocabulary);
      }
      await writeWeights(
        folder,
        weights,
        { decoder: options.quantization, encoder: options.encoderQuantization },
        (weight, format) => makeWeight(weight, format, (tensor) => sources.read(tensor)),
        (doneBytes, totalBytes) => {
          options.signal?.throwIfAborted();
          options.onProgress?.({ stage: 'converting', doneBytes, totalBytes });
        },
      );
      const manifest = await describePackage(
        folder,
        {
          ...published,
          architecture,
          family: family.name,
          tokens: {
            ...tokenizer.tokens,
            ...(!published.spaceAfterEnd && { spaceAfterEnd: false }),
            ...(published.beginsAfterImages && { beginsAfterImages: true }),
          },
          tokenizerFiles: tokenizer.files,
        },
        sources,
        options,
      );
      await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
      return manifest;
    });
  } finally {
    await sources.close();
  }
}

async function openSources(
  files: NamedFiles | FoundFiles,
): Promise<{ readonly family: Family; readonly sources: PublishedSources }> {
  if ('from' in files) return openFoundFiles(files);
  const sources = await openNamedFiles(files);
  const family = recogniseFamily(sources.tensorNames);
  if (!family) throw new CodedError('conversion', 'These files are of no family that is known here.');
  return { family, sources };
}

/** What a manifest says of the model itself. */
interface DescribedModel extends Pick<PublishedModel, 'template' | 'generation'> {
  readonly family: string;
  readonly architecture: ArchitectureConfig;
  readonly tokens: ModelManifest['tokens'];
  /** Those of the language model's folder that its vocabulary was read from. */
  readonly tokenizerFiles: ConvertedTokenizer['files'];
}

async function describePackage(
  folder: string,
  { family, template, architecture, generation, tokens, tokenizerFiles }: DescribedModel,
  sources: PublishedSources,
  { out, name, description, quantization, encoderQuantization, signal, onProgress }: ConversionOptions,
): Promise<ModelManifest> {
  const madeFiles = packageFiles(architecture).map((file) => join(folder, file));
  const sourceFiles = [
    ...sources.files,
    ...[CONFIG_FILE, ...tokenizerFiles].map((file) => join(sources.llmFolder, file)),
    ...(sources.questionVocabulary === undefined ? [] : [sources.questionVocabulary]),
  ];
  const sizes = await Promise.all([...sourceFiles, ...madeFiles].map(sizeOfFile));
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  let doneBytes = 0;
  const digest = async (path: string) => {
    const file = { file: basename(path), bytes: await sizeOfFile(path), sha256: await digestOfFile(path) };
    doneBytes += file.bytes;
    signal?.throwIfAborted();
    onProgress?.({ stage: 'checking', doneBytes, totalBytes });
    return file;
  };

  const made: ModelManifest['sources'] = [];
  for (const path of sourceFiles) made.push(await digest(path));
  const digests: ModelManifest['digests'] = {};
  for (const path of madeFiles) digests[basename(path)] = (await digest(path)).sha256;
  return modelManifest.parse({
    formatVersion: 1,
    name: name ?? basename(resolve(out)),
    description: description ?? DEFAULT_DESCRIPTION,
    family,
    template,
    architecture,
    quantization: { decoder: quantization, encoder: encoderQuantization },
    generation,
    tokens,
    sources: made,
    digests,
  });
}

/** Describes a reference model of unpublished size, beside its ViT checkpoint or the folder of that. */
const HINTS_FILE = 'expected.json';

/** What shapes cannot tell about a model of unpublished size, where a description lies beside its ViT. */
async function readArchitectureHints(vitPath: string): Promise<ArchitectureHints> {
  const folder = dirname(vitPath);
  return (
    (await readHints(join(folder, HINTS_FILE))) ?? (await readHints(join(folder, '..', HINTS_FILE))) ?? {}
  );
}

async function readHints(path: string): Promise<ArchitectureHints | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return architectureHints.parse(JSON.parse(text));
  } catch (cause) {
    throw new CodedError(
      'conversion',
      `${path} lies beside the ViT but does not describe its architecture.`,
      {
        cause,
      },
    );
  }
}
