import type { MatrixFormat, Precision } from '#libs/minigpt4';
import type { ModelManifest } from '#libs/model-package';

import type { Device } from '../engine-options.js';
import { EngineError, isEngineFault } from '../errors.js';
import { requireCuda } from './cuda.js';
import { proveDevice } from './prove-device.js';

/** A device that can be used. */
export interface UsableDevice {
  /** Half where the device has it: on the processor it would be slower. */
  readonly precision: Precision;
  /** Bytes that are free in the memory it computes in; undefined where it does not say. */
  readonly freeMemory?: number;
}

/**
 * Makes sure that the device is there and computes what it should, before anything is loaded for it.
 * @param format how the decoder's matrices are stored
 * @throws EngineError `device-unavailable`
 */
export async function requireDevice(device: Device, format: MatrixFormat): Promise<UsableDevice> {
  switch (device) {
    case 'cpu':
      return { precision: 'float32', freeMemory: process.availableMemory() };
    case 'webgpu':
      refuseRows(device, format);
      return { precision: await provenPrecision(device, format) };
    case 'cuda': {
      refuseRows(device, format);
      const { freeMemoryBytes } = await requireCuda();
      // ONNX Runtime's attention on CUDA exists in half precision only.
      await proveDevice(device, format, 'float16');
      return { precision: 'float16', freeMemory: freeMemoryBytes };
    }
  }
}

/** ONNX Runtime has products of activations in int8 for the processor only. */
export function deviceOfImageNetworks(
  device: Device,
  { encoder }: Pick<ModelManifest['quantization'], 'encoder'>,
): Device {
  return encoder === undefined || encoder.kind === 'none' ? device : 'cpu';
}

/** As those of images, but the decoder would be of little use on another device than was asked for. */
function refuseRows(device: Device, { kind }: MatrixFormat): void {
  if (kind !== 'int8') return;
  throw new EngineError({
    code: 'device-unavailable',
    device,
    reason:
      'the language model is stored as int8, which only the processor multiplies. Convert the model again with ' +
      '--quantize int8-weights or int4, or choose the device "cpu".',
  });
}

/** WebGPU has half precision as an option (WGSL, "shader-f16"), which only a trial tells of here. */
async function provenPrecision(device: Device, format: MatrixFormat): Promise<Precision> {
  try {
    await proveDevice(device, format, 'float16');
    return 'float16';
  } catch (error) {
    if (!isEngineFault(error, 'device-unavailable') || !error.fault.reason.includes('requires f16'))
      throw error;
  }
  await proveDevice(device, format, 'float32');
  return 'float32';
}
