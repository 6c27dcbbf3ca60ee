import { readFile } from 'node:fs/promises';

import { CodedError } from '#libs/errors';
import { encoderChain, normalisePixels, questionGraph, squareShape, type VisionConfig } from '#libs/minigpt4';
import type { ModelPackage } from '#libs/model-package';
import { type InferenceSession, Tensor } from '#libs/onnx-runtime';
import { WordPieceTokenizer } from '#libs/tokenizer';

import { openSession } from '../devices/open-session.js';
import { deviceOfImageNetworks } from '../devices/require-device.js';
import type { EngineSettings } from '../engine-options.js';
import type { EncoderPiece, ImageNetworks } from './image-encoder.js';
import type { ReadImage } from './owner-image-reader.js';
import type { QuestionNetwork } from './question-reader.js';

/**
 * What one piece of the encoder may compute, in floating-point operations: one block of MiniGPT-4's ViT-g, which takes
 * a small processor about a tenth of a second. Finer pieces would only cost memory, as each keeps room for its
 * intermediate results.
 */
const OPERATIONS_PER_PIECE = 15e9;

/** Compiles ViT, Q-Former and projection, in pieces that are short enough to fit between two decode steps. */
export async function loadImageNetworks(
  modelPackage: ModelPackage,
  engineSettings: EngineSettings,
  readImage: ReadImage,
): Promise<ImageNetworks> {
  const { folder, manifest, weights } = modelPackage;
  const { architecture, quantization } = manifest;
  const settings = {
    ...engineSettings,
    device: deviceOfImageNetworks(engineSettings.device, quantization),
  };
  const { imageSize, patchSize, width } = architecture.vision;
  const shape = squareShape(architecture.vision);
  const pixels = [1, 3, imageSize, imageSize];
  const features = [1, 1 + (imageSize / patchSize) ** 2, width];
  const blocks = settings.device === 'cpu' ? blocksPerPiece(architecture.vision) : architecture.vision.depth;
  const pieces: EncoderPiece[] = [];
  for (const graph of encoderChain(architecture, weights, blocks)) {
    pieces.push(
      encoderPiece(await openSession(graph, folder, settings), pieces.length === 0 ? pixels : features),
    );
  }
  return {
    async prepare(bytes) {
      const { square, ...seen } = await readImage(bytes, shape);
      return { ...seen, pixelValues: normalisePixels(square) };
    },
    pieces,
    questions: await loadQuestionNetwork(modelPackage, settings, features),
  };
}

/** Undefined for a model whose Q-Former reads no questions. */
async function loadQuestionNetwork(
  { folder, manifest, weights, questionVocabularyPath }: ModelPackage,
  settings: EngineSettings,
  featuresShape: readonly number[],
): Promise<QuestionNetwork | undefined> {
  const { architecture } = manifest;
  const text = architecture.qFormer?.text;
  if (!text || questionVocabularyPath === undefined) return undefined;
  const tokenizer = await readVocabulary(questionVocabularyPath);
  const session = await openSession(questionGraph(architecture, weights), folder, settings);
  return {
    tokenize: (question) => tokenizer.encode(question, text.maxTokens),
    async run(features, questionIds) {
      const ids = BigInt64Array.from(questionIds, BigInt);
      const { projected } = await session.run({
        image: new Tensor('float32', features, featuresShape),
        question_ids: new Tensor('int64', ids, [1, ids.length]),
      });
      return floatsOf(projected);
    },
  };
}

async function readVocabulary(path: string): Promise<WordPieceTokenizer> {
  try {
    return WordPieceTokenizer.fromVocabulary(await readFile(path, 'utf8'));
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError('model-package', `${path} cannot be used: ${problem}`, { cause });
  }
}

function encoderPiece(session: InferenceSession, inputShape: readonly number[]): EncoderPiece {
  return async (values) => {
    const { output } = await session.run({ input: new Tensor('float32', values, inputShape) });
    return floatsOf(output);
  };
}

function floatsOf(output: Tensor | undefined): Float32Array {
  if (!(output?.data instanceof Float32Array)) throw new Error('The encoder gave no float32 output.');
  return output.data;
}

function blocksPerPiece({ imageSize, patchSize, width, mlpWidth }: VisionConfig): number {
  const tokens = 1 + (imageSize / patchSize) ** 2;
  const weightsPerBlock = 4 * width ** 2 + 2 * width * mlpWidth;
  const operationsPerBlock = 2 * tokens * weightsPerBlock + 4 * tokens ** 2 * width;
  return Math.max(1, Math.floor(OPERATIONS_PER_PIECE / operationsPerBlock));
}
