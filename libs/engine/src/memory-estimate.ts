import { type Precision, packageWeights, storedTensors } from '#libs/minigpt4';
import { formatIn, type ModelManifest } from '#libs/model-package';

import { bytesPerPosition } from './decoder/key-value-cache.js';
import { deviceOfImageNetworks } from './devices/require-device.js';
import type { Device, KeyValueType } from './engine-options.js';
import { EngineError } from './errors.js';

/** ONNX Runtime, Node and the intermediate results of the largest network run, as measured. */
const RUNTIME_BYTES = 400e6;

/** What decides how much memory an engine takes. */
export interface MemoryDemand extends Pick<ModelManifest, 'architecture' | 'quantization'> {
  readonly device: Device;
  readonly slots: number;
  readonly contextLength: number;
  readonly keyValueType: KeyValueType;
  /** In which the decoder computes. */
  readonly precision: Precision;
}

/** In bytes, on the device. */
export interface MemoryEstimate {
  readonly weights: number;
  readonly keyValueCache: number;
  readonly total: number;
}

/**
 * What an engine will take once it runs, known before anything is loaded. ONNX Runtime keeps its own copy of nearly
 * every weight, in an order that suits its kernels; a processor reads the embedding table where it lies on the disk.
 */
export function estimateMemory(demand: MemoryDemand): MemoryEstimate {
  const { architecture, quantization, device, slots, contextLength, keyValueType, precision } = demand;
  const imagesDevice = deviceOfImageNetworks(device, quantization);
  const weights = packageWeights(architecture)
    .filter(({ role }) => device !== 'cpu' || role !== 'embedding')
    .filter(({ file }) => file !== 'vision.safetensors' || imagesDevice === device)
    .flatMap((weight) =>
      storedTensors(weight, formatIn(weight.file, quantization)).map(({ dataType, shape }) => {
        const isHalved = precision === 'float16' && weight.file === 'decoder.safetensors';
        const bytesPerFloat = isHalved ? 2 : 4;
        return elements(shape) * (dataType === 'float32' ? bytesPerFloat : 1);
      }),
    )
    .reduce((sum, bytes) => sum + bytes, 0);
  const keyValueCache = slots * contextLength * bytesPerPosition(architecture.decoder, keyValueType);
  return { weights, keyValueCache, total: weights + keyValueCache + RUNTIME_BYTES };
}

/**
 * @param available bytes that are free on the device
 * @throws EngineError `insufficient-memory` that names what would make it fit
 */
export function requireMemory(demand: MemoryDemand, available: number): void {
  const needed = estimateMemory(demand).total;
  if (needed <= available) return;
  const fits = (change: Partial<MemoryDemand>) => estimateMemory({ ...demand, ...change }).total <= available;
  const int4 = {
    quantization: { ...demand.quantization, decoder: { kind: 'int4', blockSize: 128 } },
  } as const;
  const remedies: readonly [sentence: string, change: Partial<MemoryDemand>][] = [
    ['a KV cache in float16', { keyValueType: 'float16' }],
    ['fewer slots', { slots: 1 }],
    ['a context of 512 tokens', { contextLength: Math.min(demand.contextLength, 512) }],
    ['one slot with a KV cache in float16', { slots: 1, keyValueType: 'float16' }],
    ['int4 weights', int4],
    ['int4 weights and fewer slots', { ...int4, slots: 1 }],
    ['int4 weights and one slot with a KV cache in float16', { ...int4, slots: 1, keyValueType: 'float16' }],
  ];
  const helpful = remedies.filter(([, change]) => fits(change)).map(([sentence]) => sentence);
  throw new EngineError({ code: 'insufficient-memory', needed, available, remedies: helpful.slice(0, 2) });
}

const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
