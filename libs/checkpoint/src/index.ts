export type { CheckpointReader, MetadataValue } from './checkpoint-reader.js';
export * from './errors.js';
export { recogniseImpostor } from './impostors.js';
export { isModelFolder, listTensorNames, type OpenOptions, openCheckpoint } from './open-checkpoint.js';
export {
  type ByteSource,
  readSafetensorsHeader,
  SafetensorsReader,
  type StoredTensor,
} from './safetensors-reader.js';
export { layOutSafetensors, streamSafetensors, writeSafetensors } from './safetensors-writer.js';
export type { TensorFilter } from './sharded-reader.js';
export {
  byteLength,
  bytesPerElement,
  type ElementType,
  elementCount,
  float32Tensor,
  type Tensor,
  type TensorInfo,
} from './tensor.js';
export { writeTorchCheckpoint } from './torch-zip-writer.js';
export { toFloat32 } from './widen.js';
