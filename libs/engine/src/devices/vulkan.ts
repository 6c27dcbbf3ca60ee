import { existsSync, readdirSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';

import { loadableLibraries } from './shared-libraries.js';

/** Where drivers register themselves (Vulkan Loader, "Driver Discovery on Linux"). */
const registries = ['/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/usr/share/vulkan/icd.d'];

/** What WebGPU computes through on Linux. */
export interface VulkanSituation {
  readonly loader: boolean;
  /** Names of the drivers' files, such as "nvidia_icd.json". */
  readonly drivers: readonly string[];
}

/** @returns undefined where WebGPU takes another way: Direct3D on Windows, Metal on macOS */
export async function inspectVulkan(): Promise<VulkanSituation | undefined> {
  if (process.platform !== 'linux') return undefined;
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  const files =
    named === undefined
      ? registries
          .filter((folder) => existsSync(folder))
          .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
      : named.split(delimiter).filter((file) => existsSync(file));
  const drivers = files.filter((file) => file.endsWith('.json')).map((file) => basename(file));
  return { loader: (await loadableLibraries()).has('libvulkan.so.1'), drivers };
}
