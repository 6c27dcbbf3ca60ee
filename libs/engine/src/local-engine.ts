import { randomInt } from 'node:crypto';

import { UnreadableImageError } from '#libs/images';
import type { ModelManifest } from '#libs/model-package';
import type { Tokenizer } from '#libs/tokenizer';

import type {
  ChosenTokenScore,
  EncodedImage,
  GenerateRequest,
  ImageDigest,
  Reproducibility,
  Segment,
  TokenCount,
  TokenScore,
} from './engine.js';
import type { EngineSettings } from './engine-options.js';
import { EngineError } from './errors.js';
import { imageDigestOf } from './image-digest.js';
import { ImageEncoder, type ImageNetworks } from './images/image-encoder.js';
import { QuestionReader } from './images/question-reader.js';
import { Reply, type ReplyListener } from './reply/reply.js';
import type { ScoredToken } from './sampling/log-probabilities.js';
import { Sampler, type SamplerSettings, type ScoredChoice } from './sampling/sampler.js';
import type { BurstDecoder, Decoder } from './scheduling/decoder.js';
import { ExecutionLoop } from './scheduling/execution-loop.js';
import { Prompt, type PromptPart } from './scheduling/prompt.js';
import { Scheduler } from './scheduling/scheduler.js';
import type { StatisticsListener } from './statistics.js';
import {
  countPromptTokens,
  countSegmentTokens,
  questionOf,
  type TokenizedPart,
  tokenizePrompt,
} from './tokenized-prompt.js';
import type { WeightFiles } from './weight-files.js';

/** A model that is ready to run. */
export interface LoadedModel {
  readonly manifest: ModelManifest;
  readonly weightFiles: WeightFiles;
  readonly tokensPerImage: number;
  readonly tokenizer: Tokenizer;
  readonly decoder: Decoder | BurstDecoder;
  readonly images: ImageNetworks;
  readonly reproducibility: Reproducibility;
}

const MAX_RANDOM_SEED = 2 ** 48 - 1;

/** When to try again while too many images wait to be encoded. */
const IMAGE_RETRY_SECONDS = 2;

/** The engine on the thread of its networks: it takes requests apart and hands the pieces to its stages. */
export class LocalEngine {
  private readonly loop: ExecutionLoop;
  private readonly scheduler: Scheduler;
  private readonly imageEncoder: ImageEncoder;
  private readonly questionReader?: QuestionReader;

  constructor(
    private readonly model: LoadedModel,
    private readonly settings: Pick<
      EngineSettings,
      'queueLimit' | 'prefillChunk' | 'prefillPauseSeconds' | 'embeddingCacheBytes'
    >,
    private readonly statistics: StatisticsListener,
  ) {
    this.loop = new ExecutionLoop(
      () => model.weightFiles.requireWhole(),
      () => this.reportGauges(),
    );
    const wake = () => this.loop.wake();
    const reproducible = model.reproducibility.kind === 'proven';
    this.scheduler = new Scheduler(model.decoder, { ...settings, reproducible }, statistics, wake);
    this.imageEncoder = new ImageEncoder(
      model.images,
      settings.embeddingCacheBytes,
      settings.prefillPauseSeconds,
      statistics,
      wake,
    );
    this.loop.add(this.scheduler);
    this.loop.add(this.imageEncoder);
    if (model.images.questions) {
      this.questionReader = new QuestionReader(model.images.questions, wake);
      this.loop.add(this.questionReader);
    }
  }

  /**
   * Starts a reply whose events go to the listener until it has finished, failed or the signal is aborted.
   * @throws EngineError `context-length`, EngineError `queue-full`
   */
  generate(request: GenerateRequest, listener: ReplyListener, signal: AbortSignal): void {
    const { tokenizer, tokensPerImage, manifest } = this.model;
    const parts = tokenizePrompt(request.segments, tokenizer);
    const questionIds = this.model.images.questions?.tokenize(questionOf(request.segments));
    const endTokens = [manifest.tokens.endOfSequence, ...(request.stopTokens ?? [])];
    const sampler = new Sampler(this.samplingSettings(request.sampling), {
      vocabulary: tokenizer.vocabularySize,
      barred: { ids: endTokens, minNewTokens: request.minNewTokens ?? 0 },
      logprobs: request.logprobs,
    });
    const reply = new Reply(
      tokenizer.streamingDecoder(),
      request.stopSequences,
      new Set(endTokens),
      listener,
      request.logprobs === undefined
        ? undefined
        : () => sampler.takeScores().map((choice) => this.scoreOf(choice)),
    );
    const sequence = this.scheduler.submit({
      promptTokens: countPromptTokens(parts, tokensPerImage),
      preparePrompt: () => this.encodePrompt(parts, questionIds, reply, signal),
      maxNewTokens: request.maxNewTokens ?? manifest.generation.maxNewTokens,
      sampler,
      listener: reply,
    });
    signal.addEventListener('abort', () => sequence.cancel(), { once: true });
  }

  /** @throws EngineError `invalid-image`, EngineError `queue-full` */
  async encodeImage(bytes: Uint8Array, signal: AbortSignal): Promise<EncodedImage> {
    if (this.imageEncoder.pending > this.settings.queueLimit)
      throw new EngineError({ code: 'queue-full', retryAfterSeconds: IMAGE_RETRY_SECONDS });
    const digest = imageDigestOf(bytes);
    const { width, height, cached, notices } = await this.encode(digest, bytes, signal);
    return { digest, width, height, cached, notices };
  }

  countTokens(segments: readonly Segment[]): TokenCount {
    return countSegmentTokens(segments, this.model.tokenizer, this.model.tokensPerImage);
  }

  private async encodePrompt(
    parts: readonly TokenizedPart[],
    questionIds: readonly number[] | undefined,
    reply: Reply,
    signal: AbortSignal,
  ): Promise<Prompt> {
    const encoded = await Promise.all(
      parts.map(async (part) => {
        if (part.kind === 'text') return { part, image: undefined };
        const image = await this.encode(part.digest, part.bytes, signal, part.segmentIndex);
        const projection = await this.project(image.features, questionIds, signal);
        return { part: { ...part, projection, questionIds }, image: { digest: part.digest, ...image } };
      }),
    );
    reply.useImages(encoded.flatMap(({ image }) => image ?? []));
    const promptParts = encoded.map(({ part }): PromptPart => part);
    return new Prompt(promptParts, this.model.tokensPerImage);
  }

  /** In the decoder's embedding space. */
  private async project(
    features: Float32Array,
    questionIds: readonly number[] | undefined,
    signal: AbortSignal,
  ): Promise<Float32Array> {
    if (!this.questionReader || !questionIds) return features;
    return this.questionReader.read(features, questionIds, signal);
  }

  /** @throws EngineError `invalid-image` that says in which segment */
  private async encode(
    digest: ImageDigest,
    bytes: Uint8Array | undefined,
    signal: AbortSignal,
    segmentIndex?: number,
  ) {
    try {
      return await this.imageEncoder.encode(digest, bytes, signal);
    } catch (error) {
      if (!(error instanceof UnreadableImageError)) throw error;
      throw new EngineError({ code: 'invalid-image', image: error.fault, segmentIndex }, { cause: error });
    }
  }

  private samplingSettings(requested: GenerateRequest['sampling'] = {}): SamplerSettings {
    const defaults = this.model.manifest.generation;
    const temperature = requested.temperature ?? defaults.temperature;
    // Who asks for temperature 0 asks for the likeliest token; the package's penalty is meant for sampling.
    const repetitionPenalty = requested.temperature === 0 ? 1 : defaults.repetitionPenalty;
    return {
      ...requested,
      temperature,
      topP: requested.topP ?? defaults.topP,
      topK: requested.topK ?? defaults.topK,
      repetitionPenalty: requested.repetitionPenalty ?? repetitionPenalty,
      seed: requested.seed ?? randomInt(MAX_RANDOM_SEED),
    };
  }

  private scoreOf({ chosen, likeliest }: ScoredChoice): ChosenTokenScore {
    const score = ([tokenId, logprob]: ScoredToken): TokenScore => ({
      tokenId,
      bytes: this.model.tokenizer.bytesOf(tokenId),
      logprob,
    });
    return { ...score(chosen), alternatives: likeliest.map(score) };
  }

  private reportGauges(): void {
    this.statistics.onGauges({
      requestsRunning: this.scheduler.running,
      requestsWaiting: this.scheduler.queued,
      keyValueCacheUsage: this.scheduler.keyValueCacheUsage,
      embeddingCacheBytes: this.imageEncoder.cachedBytes,
    });
  }
}
