export * from './config.js';
export { type DecoderGraphOptions, decoderGraph } from './decoder-graph.js';
export { embeddingGraph } from './embedding-graph.js';
export { type EncoderGraphOptions, type EncoderStage, encoderGraph } from './encoder-graph.js';
export {
  InvalidImageError,
  type PreprocessedImage,
  type PreprocessingOptions,
  preprocessImage,
} from './preprocessing.js';
export * from './weights/index.js';
