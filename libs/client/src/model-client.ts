import {
  type ChannelCredentials,
  credentials,
  type CallOptions as GrpcCallOptions,
  Metadata,
} from '@grpc/grpc-js';

import type { ImageNotice } from '#libs/images';
import {
  ChatServiceClient,
  type EncodeImageResponse,
  type GenerateOnceResponse,
  type GetModelResponse,
  imageNoticesFromWire,
} from '#libs/protocol';

import { streamingCall, unaryCall } from './calls.js';
import { waitUntilServing } from './health.js';
import { type ModelInfo, modelInfo } from './model-info.js';
import { ModelServerError } from './model-server-error.js';
import {
  type GenerateRequest,
  type ImageTransfer,
  type PromptSegment,
  viewOf,
  wireSegments,
} from './prompt.js';
import { type Reply, type ReplyEvent, replyEnd, replyEvent } from './reply.js';

export interface ModelClientOptions {
  /** `host:port` of the model server, or another gRPC target such as `dns:///name:port`. */
  readonly address: string;
  /** Plain text when left out; `credentials.createSsl(…)` of @grpc/grpc-js for TLS. */
  readonly credentials?: ChannelCredentials;
  /** Has the connection made through the proxy that `http_proxy` names. */
  readonly throughProxy?: boolean;
  /** How long a call may take that names no deadline of its own. */
  readonly deadlineSeconds?: number;
}

export interface CallOptions {
  /** Aborting it stops the work on the server within one decode step. */
  readonly signal?: AbortSignal;
  readonly deadlineSeconds?: number;
}

/** What the server found out about an image. */
export interface EncodedImage {
  readonly digest: string;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** Whether the server still had its encoding. */
  readonly cached: boolean;
  /** What a person should know about the image. */
  readonly notices: readonly ImageNotice[];
}

export interface TokenCount {
  /** Of the whole prompt. */
  readonly tokens: number;
  /** Of each segment, in order. */
  readonly segmentTokens: readonly number[];
}

/** A connection to a model server. Failed calls throw `ModelServerError`; aborted ones the signal's reason. */
export interface ModelClient {
  /**
   * Streams a reply. Images are named by digest, and sent in full only when the server does not have them.
   * Leaving the iteration cancels the call.
   */
  generate(request: GenerateRequest, options?: CallOptions): AsyncGenerator<ReplyEvent, void, undefined>;
  /** A whole reply at once. */
  generateOnce(request: GenerateRequest, options?: CallOptions): Promise<Reply>;
  /** Encodes an image ahead of its use. */
  encodeImage(bytes: Uint8Array, options?: CallOptions): Promise<EncodedImage>;
  countTokens(segments: readonly PromptSegment[], options?: CallOptions): Promise<TokenCount>;
  getModel(options?: CallOptions): Promise<ModelInfo>;
  /** Resolves once the server has loaded its model and takes requests. */
  waitUntilReady(options?: CallOptions): Promise<void>;
  close(): void;
}

const defaultDeadlineSeconds = 600;

const channelOptions = {
  // A server that comes back is noticed soon; gRPC's own limit is two minutes.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // A server that vanished without a word is noticed within half a minute, even in the middle of a reply.
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
  // Images are bounded by the server's own limits, which are told by `getModel`.
  'grpc.max_send_message_length': -1,
  'grpc.max_receive_message_length': -1,
  // What http_proxy names is for pages and pictures; a model server stands beside its callers.
  'grpc.enable_http_proxy': 0,
};

/** Opens a connection to a model server. It connects on the first call, and again after a failure. */
export function createModelClient(options: ModelClientOptions): ModelClient {
  const client = new ChatServiceClient(
    options.address,
    options.credentials ?? credentials.createInsecure(),
    options.throughProxy ? { ...channelOptions, 'grpc.enable_http_proxy': 1 } : channelOptions,
  );

  const grpcOptions = (call: CallOptions): GrpcCallOptions => {
    const seconds = call.deadlineSeconds ?? options.deadlineSeconds ?? defaultDeadlineSeconds;
    return { deadline: Date.now() + seconds * 1_000 };
  };

  async function wireRequest(request: GenerateRequest, transfer: ImageTransfer) {
    const { sampling, maxNewTokens, minNewTokens, stopSequences = [], stopTokenIds = [], logprobs } = request;
    return {
      segments: await wireSegments(request.segments, transfer),
      sampling: sampling && { ...sampling, logitBias: { ...sampling.logitBias } },
      stopping: {
        maxNewTokens,
        minNewTokens,
        stopSequences: [...stopSequences],
        stopTokenIds: [...stopTokenIds],
      },
      logprobs,
    };
  }

  return {
    async *generate(request, call = {}) {
      const options = grpcOptions(call);
      const attempt = async function* (transfer: ImageTransfer) {
        const message = await wireRequest(request, transfer);
        for await (const response of streamingCall(() => client.generate(message, options), call.signal)) {
          yield replyEvent(response);
        }
      };
      try {
        yield* attempt('digest');
      } catch (error) {
        if (!isImageNotCached(error)) throw error;
        yield* attempt('bytes');
      }
    },
    async generateOnce(request, call = {}) {
      const options = grpcOptions(call);
      const attempt = async (transfer: ImageTransfer) => {
        const message = await wireRequest(request, transfer);
        return unaryCall<GenerateOnceResponse>(
          (callback) => client.generateOnce(message, new Metadata(), options, callback),
          call.signal,
        );
      };
      const { text, tokenIds, scores, finish } = await attempt('digest').catch((error) => {
        if (!isImageNotCached(error)) throw error;
        return attempt('bytes');
      });
      return { text, tokenIds, scores, ...replyEnd(finish) };
    },
    async encodeImage(bytes, call = {}) {
      const message = { data: viewOf(bytes) };
      const image = await unaryCall<EncodeImageResponse>(
        (callback) => client.encodeImage(message, new Metadata(), grpcOptions(call), callback),
        call.signal,
      );
      return { ...image, notices: imageNoticesFromWire(image.notices) };
    },
    async countTokens(segments, call = {}) {
      const message = { segments: await wireSegments(segments, 'digest') };
      return unaryCall(
        (callback) => client.countTokens(message, new Metadata(), grpcOptions(call), callback),
        call.signal,
      );
    },
    async getModel(call = {}) {
      const response = await unaryCall<GetModelResponse>(
        (callback) => client.getModel({}, new Metadata(), grpcOptions(call), callback),
        call.signal,
      );
      return modelInfo(response);
    },
    waitUntilReady: (call = {}) => waitUntilServing(client, grpcOptions(call), call.signal),
    close: () => client.close(),
  };
}

/** Answered before anything else happens to a request, so it is safe to send it again with the bytes. */
function isImageNotCached(error: unknown): boolean {
  return error instanceof ModelServerError && error.code === 'IMAGE_NOT_CACHED';
}
