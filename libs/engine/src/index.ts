export {
  checkCountedSegments,
  checkGenerateRequest,
  checkImageFile,
  maxPromptCharacters,
  type RequestLimits,
} from './check-request.js';
export type { Company } from './decoder/company.js';
export {
  CUDA_PROVIDER_FILES,
  CUDA_PROVIDER_RECORD,
  type CudaProviderRecord,
  type CudaSituation,
  inspectCuda,
  type NvidiaGpu,
} from './devices/cuda.js';
export { installedOnnxRuntime, type OnnxRuntime } from './devices/onnx-runtime.js';
export { requireDevice } from './devices/require-device.js';
export { inspectVulkan, type VulkanSituation } from './devices/vulkan.js';
export type * from './engine.js';
export { type Device, type EngineOptions, engineOptions, type KeyValueType } from './engine-options.js';
export * from './errors.js';
export { estimateMemory, type MemoryDemand, type MemoryEstimate } from './memory-estimate.js';
export { type EngineListeners, startEngine } from './start-engine.js';
export type * from './statistics.js';
