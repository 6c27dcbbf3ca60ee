import { writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type Tensor, toFloat32 } from '#libs/checkpoint';
import { blip2Opt, instructBlip, llava, miniGpt4 } from '#libs/families';
import { digestOfFile } from '#libs/files';
import {
  type ArchitectureConfig,
  type MatrixFormat,
  type PackageWeight,
  packageWeights,
  readsQuestions,
} from '#libs/minigpt4';

import { FIRST_LETTER, letterTokenizerJson } from './letter-tokenizer.js';
import {
  type EncoderQuantization,
  type ModelManifest,
  modelManifest,
  type Quantization,
} from './manifest.js';
import { MANIFEST_FILE, packageFiles, QUESTION_VOCABULARY_FILE, TOKENIZER_FILE } from './package-files.js';
import { RandomTensors } from './random-tensors.js';
import { writeFolderAtOnce } from './write-folder-at-once.js';
import { writeWeights } from './write-weights.js';

export interface RandomPackageOptions {
  readonly architecture: ArchitectureConfig;
  /** Of the decoder's matrices. */
  readonly quantization: Quantization;
  /** Of the matrices of ViT and Q-Former; float32 when left out. */
  readonly encoderQuantization?: EncoderQuantization;
  /** The folder to make. It must not exist, or be empty. */
  readonly out: string;
  /** Equal seeds give equal weights. */
  readonly seed?: number;
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/** A vocabulary in which every word of a question is an unknown one. */
const WITHOUT_WORDS = '[UNK]\n[CLS]\n[SEP]\n';

/**
 * Makes a model package of any architecture with random weights, to measure speed at real size on any machine. It
 * talks nonsense: letters, one per token, and never an end of sequence.
 *
 * @throws CodedError `conversion` when the folder is not empty or the vocabulary too large.
 */
export async function writeRandomPackage(options: RandomPackageOptions): Promise<ModelManifest> {
  const { architecture, quantization, encoderQuantization, out, seed = 1, onProgress } = options;
  const tokenizer = letterTokenizerJson(architecture.decoder.vocabulary);
  const random = new RandomTensors(seed);
  return writeFolderAtOnce(out, async (folder) => {
    await writeFile(join(folder, TOKENIZER_FILE), JSON.stringify(tokenizer));
    if (readsQuestions(architecture)) {
      await writeFile(join(folder, QUESTION_VOCABULARY_FILE), WITHOUT_WORDS);
    }
    const makeWeight = async (weight: PackageWeight, format: MatrixFormat) => {
      const tensors = random.tensorsOf(weight, format);
      if (weight.name === 'decoder.head.weight') forbidAllButLetters(tensors, weight, format);
      return tensors;
    };
    await writeWeights(
      folder,
      packageWeights(architecture),
      { decoder: quantization, encoder: encoderQuantization },
      makeWeight,
      onProgress,
    );

    const digests: ModelManifest['digests'] = {};
    for (const file of packageFiles(architecture)) {
      digests[file] = await digestOfFile(join(folder, file));
    }
    const manifest = modelManifest.parse({
      formatVersion: 1,
      name: basename(resolve(out)),
      description: 'Random weights for measuring speed: it knows nothing.',
      ...familyOf(architecture),
      architecture,
      quantization: { decoder: quantization, encoder: encoderQuantization },
      generation: { temperature: 0, topP: 1, topK: 0, repetitionPenalty: 1, maxNewTokens: 300 },
      tokens: { beginOfSequence: 1, endOfSequence: 2, ...placeOfBegin(architecture) },
      sources: [],
      digests,
    });
    await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  });
}

/** Which family has such networks. */
function familyOf({
  vision,
  qFormer,
  decoder,
}: ArchitectureConfig): Pick<ModelManifest, 'family' | 'template'> {
  if (decoder.kind === 'opt') return { family: blip2Opt.name, template: 'question-answer' };
  if (qFormer?.text) return { family: instructBlip.name, template: 'instruction' };
  if (vision.inputNorm) return { family: llava.name, template: 'vicuna-v1' };
  return { family: miniGpt4.name, template: qFormer ? 'vicuna-v0' : 'llama-2-chat' };
}

/** BLIP-2 and its relatives begin after the pictures. */
const placeOfBegin = ({ qFormer, decoder }: ArchitectureConfig) =>
  decoder.kind === 'opt' || qFormer?.text ? { beginsAfterImages: true } : {};

/**
 * Gives special tokens and bytes the logit 0. Among tens of thousands of random logits there always is a higher one,
 * so replies are as long as asked for, and all letters.
 */
function forbidAllButLetters(
  tensors: readonly Tensor[],
  { shape }: PackageWeight,
  format: MatrixFormat,
): void {
  const [inputs = 0, outputs = 0] = shape;
  const values = toFloat32(tensors.at(-1)!);
  if (format.kind === 'none') {
    for (let input = 0; input < inputs; input++) {
      values.fill(0, input * outputs, input * outputs + FIRST_LETTER);
    }
  } else {
    values.fill(0, 0, (values.length / outputs) * FIRST_LETTER);
  }
}
