import { type DecoderConfig, decoderGraph, embeddingGraph } from '#libs/minigpt4';
import type { ModelPackage } from '#libs/model-package';

import { burstGraph } from './burst/burst-graph.js';
import { OnnxBurstDecoder } from './burst/onnx-burst-decoder.js';
import { bytesPerPosition, KeyValueCache } from './decoder/key-value-cache.js';
import { OnnxDecoder } from './decoder/onnx-decoder.js';
import { detectOutputMode } from './decoder/run-into.js';
import { TokenEmbeddings } from './decoder/token-embeddings.js';
import { openSession } from './devices/open-session.js';
import type { EngineSettings } from './engine-options.js';
import { EngineError } from './errors.js';
import type { BurstDecoder, Decoder } from './scheduling/decoder.js';

type Warn = (message: string) => void;

export interface LoadedDecoder {
  readonly decoder: Decoder | BurstDecoder;
  readonly keyValueCacheBytes: number;
}

/**
 * Compiles the decoder for the device and makes room for its KV cache.
 * @throws EngineError
 */
export async function loadDecoder(
  modelPackage: ModelPackage,
  settings: EngineSettings,
  warn: Warn,
): Promise<LoadedDecoder> {
  const cache = allocateCache(modelPackage.manifest.architecture.decoder, settings, warn);
  const decoder =
    settings.burst === undefined
      ? await loadSteppingDecoder(modelPackage, cache, settings, warn)
      : await loadBurstDecoder(modelPackage, cache, settings, settings.burst);
  return { decoder, keyValueCacheBytes: cache.bytes };
}

async function loadSteppingDecoder(
  modelPackage: ModelPackage,
  cache: KeyValueCache,
  settings: EngineSettings,
  warn: Warn,
): Promise<Decoder> {
  const { folder, manifest, weights } = modelPackage;
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
  const embeddings = await openEmbeddings(modelPackage, settings);
  const session = await openSession(graph, folder, settings);
  return new OnnxDecoder(session, embeddings, cache, config.vocabulary, outputMode);
}

async function loadBurstDecoder(
  modelPackage: ModelPackage,
  cache: KeyValueCache,
  settings: EngineSettings,
  burst: number,
): Promise<BurstDecoder> {
  const { folder, manifest, weights } = modelPackage;
  const config = manifest.architecture.decoder;
  const graph = burstGraph(config, weights, {
    format: manifest.quantization.decoder,
    keyValueType: settings.keyValueType,
  });
  const vocabulary = { size: config.vocabulary, endOfSequence: manifest.tokens.endOfSequence };
  const embeddings = await openEmbeddings(modelPackage, settings);
  const session = await openSession(graph, folder, settings);
  return new OnnxBurstDecoder(session, embeddings, cache, vocabulary, burst);
}

/** Looks tokens up where the table lies: on the disk, mapped, which only the processor can. */
async function openEmbeddings(
  { folder, manifest, weights }: ModelPackage,
  { threads }: EngineSettings,
): Promise<TokenEmbeddings> {
  const session = await openSession(embeddingGraph(weights), folder, { device: 'cpu', threads });
  return new TokenEmbeddings(session, manifest.architecture.decoder.hidden);
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
