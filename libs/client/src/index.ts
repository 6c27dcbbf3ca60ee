export type { ImageFault, ImageNotice } from '#libs/images';
export {
  type CallOptions,
  createModelClient,
  type EncodedImage,
  type ModelClient,
  type ModelClientOptions,
  type TokenCount,
} from './model-client.js';
export type { ModelInfo } from './model-info.js';
export { type FailureReason, ModelServerError, type RefusedImage } from './model-server-error.js';
export {
  type GenerateRequest,
  imageDigest,
  imageFromBytes,
  type PromptImage,
  type PromptSegment,
  type SamplingOptions,
} from './prompt.js';
export type { Reply, ReplyEnd, ReplyEvent } from './reply.js';
