import { encoderChain, normalisePixels, squareShape, type VisionConfig } from '#libs/minigpt4';
import type { ModelPackage } from '#libs/model-package';
import { type InferenceSession, Tensor } from '#libs/onnx-runtime';

import { openSession } from '../devices/open-session.js';
import type { EngineSettings } from '../engine-options.js';
import type { EncoderPiece, ImageNetworks } from './image-encoder.js';
import type { ReadImage } from './owner-image-reader.js';

/**
 * What one piece of the encoder may compute, in floating-point operations: one block of MiniGPT-4's ViT-g, which takes
 * a small processor about a tenth of a second. Finer pieces would only cost memory, as each keeps room for its
 * intermediate results.
 */
const OPERATIONS_PER_PIECE = 15e9;

/** Compiles ViT, Q-Former and projection, in pieces that are short enough to fit between two decode steps. */
export async function loadImageNetworks(
  { folder, manifest, weights }: ModelPackage,
  settings: EngineSettings,
  readImage: ReadImage,
): Promise<ImageNetworks> {
  const { architecture } = manifest;
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
  };
}

function encoderPiece(session: InferenceSession, inputShape: readonly number[]): EncoderPiece {
  return async (values) => {
    const { output } = await session.run({ input: new Tensor('float32', values, inputShape) });
    if (!(output?.data instanceof Float32Array)) throw new Error('The encoder gave no float32 output.');
    return output.data;
  };
}

function blocksPerPiece({ imageSize, patchSize, width, mlpWidth }: VisionConfig): number {
  const tokens = 1 + (imageSize / patchSize) ** 2;
  const weightsPerBlock = 4 * width ** 2 + 2 * width * mlpWidth;
  const operationsPerBlock = 2 * tokens * weightsPerBlock + 4 * tokens ** 2 * width;
  return Math.max(1, Math.floor(OPERATIONS_PER_PIECE / operationsPerBlock));
}
