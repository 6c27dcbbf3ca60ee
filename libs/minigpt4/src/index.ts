export {
  type AttentionKernel,
  cachedAttention,
  cacheHeadWidth,
  cacheShape,
  type KeyValueStore,
} from './cached-attention.js';
export * from './config.js';
export { type DecoderGraphOptions, decoderGraph } from './decoder-graph.js';
export { type CausalAttention, decoderKernels } from './decoder-kernels.js';
export { decoderNetwork } from './decoder-network.js';
export { differentiableCausalAttention } from './differentiable-causal-attention.js';
export { embeddingGraph } from './embedding-graph.js';
export {
  type EncoderGraphOptions,
  type EncoderStage,
  encoderChain,
  encoderGraph,
  questionGraph,
} from './encoder-graph.js';
export { differentiableKernels, type Kernels } from './kernels.js';
export { languageModelHead, llama } from './llama.js';
export { Parameters, type Precision } from './parameters.js';
export {
  clipColours,
  normalisePixels,
  type PreprocessedImage,
  type PreprocessingOptions,
  preprocessImage,
  squareShape,
  type VisionInput,
} from './preprocessing.js';
export { joinPatches, projection } from './projection.js';
export { qFormer } from './q-former.js';
export { rotaryTables } from './rotary.js';
export { rotateRows, rotationGraph } from './rotation.js';
export * from './weights/index.js';
