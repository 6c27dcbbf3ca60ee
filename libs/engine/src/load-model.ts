import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { InferenceSession } from 'onnxruntime-node';

import {
  type DecoderConfig,
  decoderGraph,
  embeddingGraph,
  encoderGraph,
  preprocessImage,
  tokensPerImage,
} from '#libs/minigpt4';
import { type ModelPackage, ModelPackageError, openModelPackage } from '#libs/model-package';
import { Tokenizer } from '#libs/tokenizer';

import { bytesPerPosition, KeyValueCache } from './decoder/key-value-cache.js';
import { OnnxDecoder } from './decoder/onnx-decoder.js';
import { detectOutputMode } from './decoder/run-into.js';
import { TokenEmbeddings } from './decoder/token-embeddings.js';
import type { EngineLimits } from './engine.js';
import type { EngineSettings } from './engine-options.js';
import { DeviceUnavailableError, EngineError } from './errors.js';
import type { ImageNetworks } from './images/image-encoder.js';
import { OnnxProjector } from './images/onnx-projector.js';
import type { LoadedModel } from './local-engine.js';
import { Prompt } from './scheduling/prompt.js';

export interface LoadedEngine {
  readonly model: LoadedModel;
  readonly limits: EngineLimits;
}

/**
 * Compiles a model package's networks for the device and makes room for its KV cache.
 * @param warn hears sentences about what works, but worse than asked for
 * @throws ModelPackageError, DeviceUnavailableError, EngineError
 */
export async function loadModel(
  settings: EngineSettings,
  warn: (message: string) => void,
): Promise<LoadedEngine> {
  if (settings.device !== 'cpu') {
    throw new DeviceUnavailableError(
      settings.device,
      'this engine computes on the processor only. Choose the device "cpu".',
    );
  }
  const modelPackage = await openModelPackage(settings.modelPath);
  const { manifest } = modelPackage;
  const cache = allocateCache(manifest.architecture.decoder, settings, warn);
  const model: LoadedModel = {
    manifest,
    tokensPerImage: tokensPerImage(manifest.architecture),
    tokenizer: await readTokenizer(modelPackage),
    decoder: await loadDecoder(modelPackage, cache, settings, warn),
    images: await loadImageNetworks(modelPackage, settings),
  };
  if (settings.warmUp) await warmUp(model);
  const limits: EngineLimits = {
    device: settings.device,
    contextLength: cache.capacity,
    tokensPerImage: model.tokensPerImage,
    slots: cache.rows,
    queueLimit: settings.queueLimit,
    keyValueCacheBytes: cache.bytes,
  };
  return { model, limits };
}

function allocateCache(
  config: DecoderConfig,
  settings: EngineSettings,
  warn: (message: string) => void,
): KeyValueCache {
  const { contextLength = config.contextLength, keyValueCacheBytes, keyValueType } = settings;
  if (contextLength > config.contextLength) {
    throw new EngineError(
      `A context of ${contextLength} tokens was asked for, but the model was made for ${config.contextLength}.`,
    );
  }
  const bytesPerSlot = contextLength * bytesPerPosition(config, keyValueType);
  const affordable = Math.floor(keyValueCacheBytes / bytesPerSlot);
  if (affordable < 1) {
    throw new EngineError(
      `The KV cache may take ${inMebibytes(keyValueCacheBytes)}, but one context of ${contextLength} tokens takes ` +
        `${inMebibytes(bytesPerSlot)} in ${keyValueType}. Allow more memory, a shorter context or float16.`,
    );
  }
  if (affordable < settings.slots) {
    warn(
      `The KV cache's ${inMebibytes(keyValueCacheBytes)} hold ${affordable} contexts of ${contextLength} tokens, ` +
        `so ${affordable} instead of ${settings.slots} requests run at once.`,
    );
  }
  return new KeyValueCache(config, Math.min(affordable, settings.slots), contextLength, keyValueType);
}

function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}

async function readTokenizer({ tokenizerPath }: ModelPackage): Promise<Tokenizer> {
  try {
    return Tokenizer.fromJson(JSON.parse(await readFile(tokenizerPath, 'utf8')));
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ModelPackageError(`${tokenizerPath} cannot be used: ${problem}`, { cause });
  }
}

async function loadDecoder(
  { folder, manifest, weights }: ModelPackage,
  cache: KeyValueCache,
  settings: EngineSettings,
  warn: (message: string) => void,
): Promise<OnnxDecoder> {
  const config = manifest.architecture.decoder;
  const outputMode = await detectOutputMode();
  if (outputMode === 'copied') {
    warn(
      'This version of onnxruntime-node copies the KV cache at every token, which costs time in proportion to the ' +
        "cache's capacity. Version 1.30.0 does not.",
    );
  }
  const graph = decoderGraph(config, weights, {
    format: manifest.quantization.decoder,
    keyValueType: settings.keyValueType,
    sequenceFirst: outputMode === 'in-place',
  });
  const embeddings = new TokenEmbeddings(
    await openSession(embeddingGraph(weights), folder, settings),
    config.hidden,
  );
  const session = await openSession(graph, folder, settings);
  return new OnnxDecoder(session, embeddings, cache, config.vocabulary, outputMode);
}

async function loadImageNetworks(
  { folder, manifest, weights }: ModelPackage,
  settings: EngineSettings,
): Promise<ImageNetworks> {
  const { imageSize } = manifest.architecture.vision;
  const session = await openSession(encoderGraph(manifest.architecture, weights), folder, settings);
  const projector = new OnnxProjector(session, imageSize);
  return {
    prepare: (bytes) => preprocessImage(bytes, { imageSize, maxPixels: settings.maxImagePixels }),
    project: (pixelValues) => projector.project(pixelValues),
  };
}

/** Reads all weights from the disk by using them. */
async function warmUp({ decoder, images, tokenizer, tokensPerImage, manifest }: LoadedModel): Promise<void> {
  const tokenIds = [tokenizer.beginOfSequence];
  await decoder.prefill(0, new Prompt([{ kind: 'text', tokenIds }], tokensPerImage), 0, 1);
  const { imageSize } = manifest.architecture.vision;
  await images.project(new Float32Array(3 * imageSize * imageSize));
}

/** Compiles a graph whose weights lie in the package's folder. */
async function openSession(
  graph: Uint8Array,
  folder: string,
  { threads }: EngineSettings,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(graph, {
      intraOpNumThreads: threads,
      extra: { session: { model_external_initializers_file_folder_path: resolve(folder) } },
    });
  } catch (cause) {
    throw new EngineError('A network of the model could not be compiled.', { cause });
  }
}
