import { writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { digestOfFile, sizeOfFile } from '#libs/files';
import {
  type ArchitectureConfig,
  checkSourceTensors,
  packageWeights,
  readArchitecture,
} from '#libs/minigpt4';

import { readArchitectureHints } from './architecture-hints.js';
import { refuseWrongLanguageModel } from './check-language-model.js';
import { convertTokenizer, SENTENCE_PIECE_FILE } from './convert-tokenizer.js';
import { makeWeight } from './make-weight.js';
import {
  type EncoderQuantization,
  type ModelManifest,
  modelManifest,
  type Quantization,
} from './manifest.js';
import { MANIFEST_FILE, TOKENIZER_FILE, weightFiles } from './package-files.js';
import { LLM_CONFIG_FILE, PublishedSources, type SourcePaths } from './published-sources.js';
import { withImageSize } from './with-image-size.js';
import { writeFolderAtOnce } from './write-folder-at-once.js';
import { writeWeights } from './write-weights.js';

export interface ConversionProgress {
  readonly stage: 'converting' | 'checking';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface ConversionOptions {
  readonly sources: SourcePaths;
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

/** What is read from the language model's folder beside its weights. */
const LLM_FILES = [LLM_CONFIG_FILE, SENTENCE_PIECE_FILE];

const DEFAULT_DESCRIPTION =
  'Looks at pictures and talks about them in English. It can be wrong, most often about details and about where things are.';

/** The demo's settings (MiniGPT-4, demo.py and conversation.py; top_k is transformers' default). */
const originalGeneration: ModelManifest['generation'] = {
  temperature: 1,
  topP: 0.9,
  topK: 50,
  repetitionPenalty: 1.05,
  maxNewTokens: 300,
};

/**
 * Makes a model package from published checkpoints. Tensors stream through one by one; the folder appears
 * complete or not at all.
 *
 * @throws ConversionError, CheckpointError, CheckpointMismatchError, and the reason of `signal`
 */
export async function convert(options: ConversionOptions): Promise<ModelManifest> {
  const { sources: paths, onNotice = () => {} } = options;
  const sources = await PublishedSources.open(paths);
  try {
    const hints = await readArchitectureHints(paths.vit);
    const published = readArchitecture(sources.shapes, hints);
    const { layout, notices } = published;
    if (!options.anyLanguageModel) refuseWrongLanguageModel(published.architecture, sources.llmConfig);
    const publishedWeights = packageWeights(published.architecture, layout);
    checkSourceTensors(publishedWeights, sources.shapes);
    const { architecture, weights } = withImageSize(
      published.architecture,
      publishedWeights,
      options.imageSize,
    );
    const tokenizer = await convertTokenizer(paths.llm, sources.llmConfig, architecture.decoder.vocabulary);
    for (const notice of [...sources.notices, ...notices, ...tokenizer.notices]) onNotice(notice);

    return await writeFolderAtOnce(options.out, async (folder) => {
      await writeFile(join(folder, TOKENIZER_FILE), JSON.stringify(tokenizer.json));
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
      const manifest = await describePackage(folder, architecture, tokenizer.tokens, sources, options);
      await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
      return manifest;
    });
  } finally {
    await sources.close();
  }
}

async function describePackage(
  folder: string,
  architecture: ArchitectureConfig,
  tokens: ModelManifest['tokens'],
  sources: PublishedSources,
  {
    sources: paths,
    out,
    name,
    description,
    quantization,
    encoderQuantization,
    signal,
    onProgress,
  }: ConversionOptions,
): Promise<ModelManifest> {
  const packageFiles = [TOKENIZER_FILE, ...weightFiles].map((file) => join(folder, file));
  const sourceFiles = [...sources.files, ...LLM_FILES.map((file) => join(paths.llm, file))];
  const sizes = await Promise.all([...sourceFiles, ...packageFiles].map(sizeOfFile));
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
  for (const path of packageFiles) digests[basename(path)] = (await digest(path)).sha256;
  return modelManifest.parse({
    formatVersion: 1,
    name: name ?? basename(resolve(out)),
    description: description ?? DEFAULT_DESCRIPTION,
    template: architecture.qFormer ? 'vicuna-v0' : 'llama-2-chat',
    architecture,
    quantization: { decoder: quantization, encoder: encoderQuantization },
    generation: originalGeneration,
    tokens,
    sources: made,
    digests,
  });
}
