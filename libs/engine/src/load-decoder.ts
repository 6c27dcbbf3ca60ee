import { type DecoderConfig, decoderGraph, embeddingGraph, type Precision } from '#libs/minigpt4';
import type { ModelPackage } from '#libs/model-package';

import { burstGraph } from './burst/burst-graph.js';
import { OnnxBurstDecoder } from './burst/onnx-burst-decoder.js';
import { bytesPerPosition, KeyValueCache } from './decoder/key-value-cache.js';
import { OnnxDecoder } from './decoder/onnx-decoder.js';
import { detectOutputMode } from './decoder/run-into.js';
import { TokenEmbeddings } from './decoder/token-embeddings.js';
import { DeviceDecoder } from './devices/device-decoder.js';
import { DeviceKeyValueCache } from './devices/device-key-value-cache.js';
import { openSession } from './devices/open-session.js';
import { requireDevice } from './devices/require-device.js';
import type { EngineSettings, KeyValueType } from './engine-options.js';
import { EngineError } from './errors.js';
import { requireMemory } from './memory-estimate.js';
import type { BurstDecoder, Decoder } from './scheduling/decoder.js';

/**
 * onnxruntime-node cannot keep tensors in CUDA's memory between two runs, so there the whole cache crosses at each run.
 * Enough tokens a run to make that small beside them, and few enough for the text to flow.
 */
const CUDA_BURST = 16;

/** In which the decoder computes, and in which it keeps keys and values. */
interface ElementTypes {
  readonly precision: Precision;
  readonly keyValueType: KeyValueType;
}

type Warn = (message: string) => void;

export interface LoadedDecoder extends ElementTypes {
  readonly decoder: Decoder | BurstDecoder;
  readonly keyValueCacheBytes: number;
}

/**
 * Compiles the decoder for the device and makes room for its KV cache, when the device proves usable and has the memory.
 * @param vocabularySize of the tokenizer: the tokens to choose from
 * @throws EngineError `device-unavailable`, InsufficientMemoryError, EngineError
 */
export async function loadDecoder(
  modelPackage: ModelPackage,
  vocabularySize: number,
  settings: EngineSettings,
  warn: Warn,
): Promise<LoadedDecoder> {
  const { architecture, quantization } = modelPackage.manifest;
  const { device } = settings;
  const { precision, freeMemory } = await requireDevice(device, quantization.decoder);
  const keyValueType = settings.keyValueType ?? precision;
  if (device === 'cuda' && keyValueType !== 'float16') {
    throw new EngineError({
      code: 'failed',
      what: 'The KV cache has to be float16 on "cuda": its attention exists in half precision only.',
    });
  }
  const types = { precision, keyValueType };
  const size = cacheSize(architecture.decoder, settings, keyValueType, warn);
  if (freeMemory !== undefined) {
    const demand = { architecture, quantization, device, ...types };
    requireMemory({ ...demand, slots: size.rows, contextLength: size.capacity }, freeMemory);
  }
  const keyValueCacheBytes = size.rows * size.bytesPerRow;
  switch (device) {
    case 'webgpu':
      if (settings.burst !== undefined) {
        throw new EngineError({
          code: 'failed',
          what:
            'Bursts are for the devices "cpu" and "cuda": on "webgpu" keys and values never leave the device, so ' +
            'there is nothing to gain by them. Leave the burst out.',
        });
      }
      return {
        decoder: await loadDeviceDecoder(modelPackage, size, settings, types),
        keyValueCacheBytes,
        ...types,
      };
    case 'cpu':
    case 'cuda': {
      const burst = settings.burst ?? (device === 'cuda' ? CUDA_BURST : undefined);
      const cacheOf = (rows: number) =>
        new KeyValueCache(architecture.decoder, rows, size.capacity, keyValueType);
      const decoder =
        burst === undefined
          ? await loadSteppingDecoder(modelPackage, cacheOf(size.rows + 1), settings, types, warn)
          : await loadBurstDecoder(modelPackage, vocabularySize, cacheOf(size.rows), settings, types, burst);
      return { decoder, keyValueCacheBytes, ...types };
    }
  }
}

async function loadDeviceDecoder(
  modelPackage: ModelPackage,
  { rows, capacity }: CacheSize,
  settings: EngineSettings,
  types: ElementTypes,
): Promise<Decoder> {
  const { folder, manifest, weights } = modelPackage;
  const config = manifest.architecture.decoder;
  const { device } = settings;
  const graph = decoderGraph(config, weights, {
    format: manifest.quantization.decoder,
    ...types,
    sequenceFirst: false,
    attentionKernel: 'one-pass',
  });
  const embeddings = await openEmbeddings(modelPackage, settings);
  const session = await openSession(graph, folder, settings);
  const cache = await DeviceKeyValueCache.allocate(device, config, {
    rows,
    capacity,
    type: types.keyValueType,
  });
  return new DeviceDecoder(session, embeddings, cache, config.vocabulary);
}

async function loadSteppingDecoder(
  modelPackage: ModelPackage,
  cache: KeyValueCache,
  settings: EngineSettings,
  types: ElementTypes,
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
    ...types,
    sequenceFirst: outputMode === 'in-place',
    attentionKernel: 'matrix-products',
  });
  const embeddings = await openEmbeddings(modelPackage, settings);
  const session = await openSession(graph, folder, settings, 'kept');
  return new OnnxDecoder(session, embeddings, cache, config.vocabulary, outputMode);
}

async function loadBurstDecoder(
  modelPackage: ModelPackage,
  vocabularySize: number,
  cache: KeyValueCache,
  settings: EngineSettings,
  types: ElementTypes,
  burst: number,
): Promise<BurstDecoder> {
  const { folder, manifest, weights } = modelPackage;
  const config = manifest.architecture.decoder;
  const graph = burstGraph(config, weights, {
    format: manifest.quantization.decoder,
    ...types,
    attentionKernel: settings.device === 'cpu' ? 'matrix-products' : 'one-pass',
    vocabulary: vocabularySize,
  });
  const vocabulary = { size: vocabularySize, endOfSequence: manifest.tokens.endOfSequence };
  const embeddings = await openEmbeddings(modelPackage, settings);
  const session = await openSession(graph, folder, settings, 'kept');
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

interface CacheSize {
  readonly rows: number;
  /** Positions in a row. */
  readonly capacity: number;
  readonly bytesPerRow: number;
}

function cacheSize(
  config: DecoderConfig,
  settings: EngineSettings,
  keyValueType: KeyValueType,
  warn: Warn,
): CacheSize {
  const { contextLength = config.contextLength, keyValueCacheBytes } = settings;
  if (contextLength > config.contextLength) {
    throw new EngineError({
      code: 'failed',
      what: `A context of ${contextLength} tokens was asked for, but the model was made for ${config.contextLength}.`,
    });
  }
  const bytesPerSlot = contextLength * bytesPerPosition(config, keyValueType);
  const affordable = Math.floor(keyValueCacheBytes / bytesPerSlot);
  if (affordable < 1) {
    throw new EngineError({
      code: 'failed',
      what:
        `The KV cache may take ${inMebibytes(keyValueCacheBytes)}, but one context of ${contextLength} tokens takes ` +
        `${inMebibytes(bytesPerSlot)} in ${keyValueType}. Allow more memory, a shorter context or float16.`,
    });
  }
  if (affordable < settings.slots) {
    warn(
      `The KV cache's ${inMebibytes(keyValueCacheBytes)} hold ${affordable} contexts of ${contextLength} tokens, ` +
        `so ${affordable} instead of ${settings.slots} requests run at once.`,
    );
  }
  return {
    rows: Math.min(affordable, settings.slots),
    capacity: contextLength,
    bytesPerRow: bytesPerSlot,
  };
}

function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
