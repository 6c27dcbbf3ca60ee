import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

import {
  checkCountedSegments,
  checkGenerateRequest,
  checkImageFile,
  type Engine,
  EngineError,
  type GenerateEvent,
  type GenerateRequest,
  type ImageDigest,
  type Segment,
} from '#libs/engine';
import { modelManifest } from '#libs/model-package';

const tokensPerImage = 4;

const manifest = modelManifest.parse({
  formatVersion: 1,
  name: 'scripted',
  description: 'Answers as the test says.',
  template: 'vicuna-v0',
  distinctImages: 8,
  architecture: {
    vision: {
      imageSize: 28,
      patchSize: 14,
      width: 8,
      depth: 1,
      heads: 1,
      mlpWidth: 8,
      layerNormEpsilon: 1e-6,
      outputLayerNormEpsilon: 1e-5,
    },
    qFormer: null,
    projection: { widths: [8, 8], patchesPerToken: 1 },
    decoder: {
      hidden: 8,
      layers: 1,
      heads: 1,
      keyValueHeads: 1,
      intermediate: 8,
      vocabulary: 32,
      contextLength: 256,
      rmsNormEpsilon: 1e-6,
      ropeBase: 10_000,
    },
  },
  quantization: { decoder: { kind: 'int4', blockSize: 32 } },
  generation: { temperature: 0, topP: 1, topK: 0, repetitionPenalty: 1, maxNewTokens: 64 },
  tokens: { beginOfSequence: 1, endOfSequence: 2 },
  sources: [],
  digests: {},
});

/**
 * An engine without a network, to see the server around it. Its reply to "say a b c" is the words "a b c", one
 * delta each; to "talk" it never ends. Images are read when they start with "image".
 */
export class ScriptedEngine implements Engine {
  readonly manifest = manifest;
  readonly limits = {
    device: 'cpu',
    contextLength: 256,
    tokensPerImage,
    maxImages: 8,
    maxImageBytes: 20 * 2 ** 20,
    slots: 2,
    queueLimit: 4,
    keyValueCacheBytes: 1_024,
    keyValueType: 'float32',
    precision: 'float32',
    burstLength: 1,
    reproducibility: { kind: 'proven', company: 'none' },
  } as const;

  /** The requests as the engine was given them. */
  readonly requests: GenerateRequest[] = [];
  /** Deltas handed out so far, of all replies. */
  deltas = 0;
  /** Replies that are being generated. */
  running = 0;
  closed = false;
  private readonly images = new Set<ImageDigest>();

  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    checkGenerateRequest(request, this.limits);
    this.requests.push(request);
    const imageDigests = request.segments.flatMap((segment) => this.digests(segment));
    const prompt = saidIn(request.segments);
    if (prompt === 'too many') throw new EngineError({ code: 'queue-full', retryAfterSeconds: 2.5 });
    if (prompt === 'too long')
      throw new EngineError({ code: 'context-length', promptTokens: 300, contextLength: 256 });
    if (prompt === 'break') throw new TypeError('A defect.');
    this.running++;
    try {
      yield { kind: 'queued', position: 1 };
      for (const text of words(prompt)) {
        await nextTurn();
        signal?.throwIfAborted();
        this.deltas++;
        yield { kind: 'delta', text, tokenIds: [text.length] };
      }
      yield {
        kind: 'finish',
        reason: 'stop',
        usage: {
          promptTokens: 7,
          completionTokens: 3,
          cachedPromptTokens: 2,
          images: imageDigests.length,
          cachedImages: 0,
        },
        timings: { queue: 0.25, image: 0.5, prefill: 0.75, decode: 1.5, firstToken: 1.25 },
        imageDigests,
        notices: [],
      };
    } finally {
      this.running--;
    }
  }

  async encodeImage(bytes: Uint8Array) {
    checkImageFile(bytes, this.limits);
    const cached = this.images.has(digestOf(bytes));
    return {
      digest: this.remember(bytes),
      width: 3,
      height: 2,
      cached,
      notices: ['first-frame-only'] as const,
    };
  }

  async countTokens(segments: readonly Segment[]) {
    checkCountedSegments(segments, this.limits);
    const segmentTokens = segments.map((segment) =>
      segment.kind === 'text' ? segment.text.length : tokensPerImage,
    );
    return { tokens: 1 + segmentTokens.reduce((sum, tokens) => sum + tokens, 0), segmentTokens };
  }

  async close() {
    this.closed = true;
  }

  private digests(segment: Segment): ImageDigest[] {
    if (segment.kind === 'text') return [];
    if (segment.image.kind === 'bytes') return [this.remember(segment.image.bytes)];
    const digest = segment.image.digest as ImageDigest;
    if (!this.images.has(digest)) throw new EngineError({ code: 'image-not-cached', digest });
    return [digest];
  }

  private remember(bytes: Uint8Array): ImageDigest {
    if (!Buffer.from(bytes).toString().startsWith('image'))
      throw new EngineError({ code: 'invalid-image', image: { code: 'not-an-image' } });
    const digest = digestOf(bytes);
    this.images.add(digest);
    return digest;
  }
}

/** What the user said last, in the Vicuna template or without any. */
function saidIn(segments: readonly Segment[]): string {
  const text = segments.map((segment) => (segment.kind === 'text' ? segment.text : '')).join('');
  return /Human: (?:<Img><\/Img> )?([^#]*)###Assistant: $/.exec(text)?.[1] ?? text;
}

function* words(prompt: string): Generator<string> {
  if (prompt.startsWith('say ')) yield* prompt.slice('say '.length).split(' ');
  while (prompt === 'talk') yield 'blah '.repeat(1_000);
}

function digestOf(bytes: Uint8Array): ImageDigest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as ImageDigest;
}
