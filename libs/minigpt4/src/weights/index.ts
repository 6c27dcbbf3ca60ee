export {
  bitsOf,
  type CheckpointRole,
  type EncoderFormat,
  type MatrixFormat,
  type PackageFile,
  type PackageWeight,
  quantizedName,
  type SourceTensor,
  type StoredTensor,
  scalesName,
  sourceTensors,
  storedTensors,
  type WeightSource,
} from './package-weight.js';
export { originalLayout, type PublishedLayout, packageWeights } from './package-weights.js';
export {
  CheckpointMismatchError,
  checkSourceTensors,
  type PublishedCheckpoints,
  type TensorShapes,
} from './published-checkpoints.js';
export {
  type ArchitectureHints,
  architectureHints,
  type PublishedArchitecture,
  readArchitecture,
} from './read-architecture.js';
