import type { ImageNotice } from '#libs/images';
import type { Precision } from '#libs/minigpt4';
import type { ModelManifest } from '#libs/model-package';

import type { Company } from './decoder/company.js';
import type { Device, KeyValueType } from './engine-options.js';

declare const imageDigestBrand: unique symbol;
/** "sha256:" and 64 hexadecimal digits, of an image file's bytes. */
export type ImageDigest = string & { readonly [imageDigestBrand]: true };

export type ImageSource =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** "sha256:" and 64 hexadecimal digits, of an image that was seen before. */
  | { readonly kind: 'digest'; readonly digest: string };

/** One part of a prompt. Text is tokenised on its own. */
export type Segment = (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image'; readonly image: ImageSource }
) & {
  /** Puts the begin-of-sequence token ahead of the segment. The first segment gets it in any case. */
  readonly beginsSequence?: boolean;
  /** Puts the end-of-sequence token after the segment. */
  readonly endsSequence?: boolean;
};

export interface SamplingSettings {
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  readonly topP: number;
  /** 0 switches the limit off. */
  readonly topK: number;
  /** Of generated tokens only: MiniGPT-4 hands its prompts to the decoder as embeddings, so their ids count for nothing. */
  readonly repetitionPenalty: number;
  /** Leaves out tokens less likely than this fraction of the likeliest one. 0 switches it off. */
  readonly minP: number;
  /** Taken from the logit of every token that was generated before, once. */
  readonly presencePenalty: number;
  /** The same, for each time that the token was generated. */
  readonly frequencyPenalty: number;
  /** Added to the logits of tokens, by their ids. */
  readonly logitBias: Readonly<Record<number, number>>;
  /** Drawn at random when absent. */
  readonly seed?: number;
}

export interface GenerateRequest {
  readonly segments: readonly Segment[];
  /** Fields left out take the package's defaults; at temperature 0 the penalty is then 1. */
  readonly sampling?: Partial<SamplingSettings>;
  readonly maxNewTokens?: number;
  /** Before so many tokens were generated, neither the end-of-sequence token nor a stop token is. */
  readonly minNewTokens?: number;
  /** Texts that end the reply and are not part of it. The end-of-sequence token always ends it. */
  readonly stopSequences: readonly string[];
  /** Ids of further tokens that end the reply. */
  readonly stopTokens?: readonly number[];
  /** Asks for the log-probability of each token, and of so many of the likeliest at its place. */
  readonly logprobs?: number;
}

/** What the model itself gave a token, whatever the request's settings made of it. */
export interface TokenScore {
  readonly tokenId: number;
  /** Of its text, which may be a part of a character; none for special tokens. */
  readonly bytes: Uint8Array;
  /** The natural logarithm of its probability. */
  readonly logprob: number;
}

/** The same of the tokens that could have stood in its place, the likeliest first. */
export interface ChosenTokenScore extends TokenScore {
  readonly alternatives: readonly TokenScore[];
}

export type FinishReason = 'stop' | 'length';

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedPromptTokens: number;
  readonly images: number;
  readonly cachedImages: number;
}

/** All in seconds. */
export interface Timings {
  readonly queue: number;
  readonly image: number;
  readonly prefill: number;
  readonly decode: number;
  readonly firstToken: number;
}

export type GenerateEvent =
  | { readonly kind: 'queued'; readonly position: number }
  | {
      readonly kind: 'delta';
      readonly text: string;
      readonly tokenIds: readonly number[];
      /** Of each token, where the request asked for them. */
      readonly scores?: readonly ChosenTokenScore[];
    }
  | {
      readonly kind: 'finish';
      readonly reason: FinishReason;
      readonly usage: Usage;
      readonly timings: Timings;
      readonly imageDigests: readonly ImageDigest[];
      readonly notices: readonly ImageNotice[];
    };

export interface EncodedImage {
  readonly digest: ImageDigest;
  readonly width: number;
  readonly height: number;
  readonly cached: boolean;
  readonly notices: readonly ImageNotice[];
}

export interface TokenCount {
  readonly tokens: number;
  readonly segmentTokens: readonly number[];
}

/**
 * Whether a request's reply depends on its prompt, settings and seed alone. `proven` says by which company of rows a trial
 * at the start found it kept; `not-kept`, that it was asked for, and the trial found that these kernels do not allow it.
 */
export type Reproducibility =
  | { readonly kind: 'proven'; readonly company: Company }
  | { readonly kind: 'not-kept' | 'switched-off' };

/** What this engine was sized for. */
export interface EngineLimits {
  readonly device: Device;
  /** The most tokens of prompt and reply together. */
  readonly contextLength: number;
  readonly tokensPerImage: number;
  /** The most images in one prompt. */
  readonly maxImages: number;
  /** Of one image file. */
  readonly maxImageBytes: number;
  /** Requests that run at once. */
  readonly slots: number;
  /** Requests that may wait for a slot. */
  readonly queueLimit: number;
  readonly keyValueCacheBytes: number;
  readonly keyValueType: KeyValueType;
  /** In which the decoder computes. */
  readonly precision: Precision;
  /** The most tokens of a reply that one network run computes; 1 where they are sampled outside of it. */
  readonly burstLength: number;
  readonly reproducibility: Reproducibility;
}

/** A loaded model package that answers requests. Safe to call from many places at once. */
export interface Engine {
  readonly manifest: ModelManifest;
  readonly limits: EngineLimits;
  /**
   * Streams a reply. Leaving the iteration, or aborting the signal, stops the work within one decode step;
   * an abort ends the iteration with the signal's reason.
   * @throws EngineError `invalid-request`, ContextLengthError, InvalidImageError, EngineError `image-not-cached`, EngineError `queue-full`
   */
  generate(request: GenerateRequest, signal?: AbortSignal): AsyncIterable<GenerateEvent>;
  /** @throws EngineError `invalid-image`, EngineError `queue-full` */
  encodeImage(bytes: Uint8Array, signal?: AbortSignal): Promise<EncodedImage>;
  countTokens(segments: readonly Segment[]): Promise<TokenCount>;
  close(): Promise<void>;
}
