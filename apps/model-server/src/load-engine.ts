import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Engine,
  EngineError,
  type EngineListeners,
  type EngineOptions,
  isEngineFault,
  startEngine,
} from '#libs/engine';
import { CodedError, hasCode } from '#libs/errors';
import type { ServerConfig } from './config/environment.js';

const MEBIBYTE = 2 ** 20;

/**
 * Loads the configured model package.
 * @throws CodedError `start-up` when the package or the device is not usable
 */
export async function loadEngine(config: ServerConfig, listeners: EngineListeners): Promise<Engine> {
  const { MODEL_PATH } = config;
  if (!existsSync(join(MODEL_PATH, 'model.json'))) {
    throw new CodedError(
      'start-up',
      `MODEL_PATH is "${MODEL_PATH}", but there is no model package in it (no model.json). ` +
        'Make one with "npm run cli -- convert", or leave MODEL_PATH unset for the embedded model.',
    );
  }
  try {
    return await startEngine(engineOptionsOf(config), listeners);
  } catch (cause) {
    if (isEngineFault(cause, 'device-unavailable')) {
      throw new CodedError('start-up', `DEVICE is "${config.DEVICE}". ${cause.message}`, { cause });
    }
    if (isEngineFault(cause, 'insufficient-memory')) {
      throw new CodedError(
        'start-up',
        `The model in MODEL_PATH "${MODEL_PATH}" does not fit. ${cause.message}`,
        {
          cause,
        },
      );
    }
    if (hasCode(cause, 'model-package') || cause instanceof EngineError) {
      throw new CodedError(
        'start-up',
        `The model in MODEL_PATH "${MODEL_PATH}" cannot be loaded. ${cause.message}`,
        {
          cause,
        },
      );
    }
    throw cause;
  }
}

/** The variables as the engine's options. */
export function engineOptionsOf(config: ServerConfig): EngineOptions {
  return {
    modelPath: config.MODEL_PATH,
    verification: config.VERIFY,
    device: config.DEVICE,
    burst: config.BURST,
    reproducible: config.REPRODUCIBLE === 'on',
    threads: config.THREADS,
    slots: config.SLOTS,
    contextLength: config.CONTEXT_LENGTH,
    keyValueCacheBytes: config.KV_CACHE_MIB * MEBIBYTE,
    keyValueType: config.KV_CACHE_TYPE,
    queueLimit: config.QUEUE_LIMIT,
    prefillChunk: config.PREFILL_CHUNK,
    prefillPauseSeconds: config.PREFILL_PAUSE_MS / 1_000,
    embeddingCacheBytes: config.EMBEDDING_CACHE_MIB * MEBIBYTE,
    maxImages: config.MAX_IMAGES,
    maxImageBytes: config.MAX_IMAGE_BYTES,
    maxImagePixels: config.MAX_IMAGE_PIXELS,
    warmUp: true,
  };
}
