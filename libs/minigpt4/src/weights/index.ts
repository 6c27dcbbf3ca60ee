export { likelyHeads } from './attention-heads.js';
export { type DecoderAdapters, publishedHead } from './decoder-weights.js';
export {
  type BlockFormat,
  bitsOf,
  type CheckpointRole,
  type EncoderFormat,
  type LowRankAdapter,
  type MatrixFormat,
  type PackageFile,
  type PackageWeight,
  quantizedName,
  rotatedName,
  type SourceTensor,
  type StoredTensor,
  scalesName,
  sourceTensors,
  storedTensors,
  type WeightSource,
} from './package-weight.js';
export {
  llamaProjection,
  originalLayout,
  type PublishedLayout,
  packageWeights,
} from './package-weights.js';
export type { ProjectionNames } from './projection-weights.js';
export {
  checkSourceTensors,
  countLayers,
  type PublishedCheckpoints,
  type PublishedSettings,
  type TensorShapes,
} from './published-checkpoints.js';
export { readDecoder } from './read-decoder.js';
export { readOpt } from './read-opt.js';
export { projectionMatrices, readProjection } from './read-projection.js';
export {
  evaLayout,
  type Heads,
  readQFormer,
  readQFormerText,
  readVision,
  type VisionShape,
} from './read-vision.js';
export type { QFormerLayout, VisionLayout } from './vision-weights.js';
