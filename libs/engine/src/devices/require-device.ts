import type { MatrixFormat } from '#libs/minigpt4';

import type { EngineSettings } from '../engine-options.js';
import { requireCuda } from './cuda.js';
import { proveDevice } from './prove-device.js';

/** A device that can be used. */
export interface UsableDevice {
  /** Bytes that are free in the memory it computes in; undefined where it does not say. */
  readonly freeMemory?: number;
}

/**
 * Makes sure that the device is there and computes what it should, before anything is loaded for it.
 * @throws DeviceUnavailableError
 */
export async function requireDevice(
  { device, keyValueType }: Pick<EngineSettings, 'device' | 'keyValueType'>,
  format: MatrixFormat,
): Promise<UsableDevice> {
  switch (device) {
    case 'cpu':
      return { freeMemory: process.availableMemory() };
    case 'webgpu':
      await proveDevice(device, format, keyValueType);
      return {};
    case 'cuda': {
      const { freeMemoryBytes } = await requireCuda();
      await proveDevice(device, format, keyValueType);
      return { freeMemory: freeMemoryBytes };
    }
  }
}
