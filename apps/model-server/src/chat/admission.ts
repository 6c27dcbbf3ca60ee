import {
  type GenerateRequest,
  type ImageSource,
  isImageDigest,
  type SamplingSettings,
  type Segment,
} from '#libs/engine';
import type * as wire from '#libs/protocol';
import type { FieldViolation } from '#libs/protocol';

/** What one request may hold. */
export interface RequestLimits {
  readonly maxImages: number;
  /** Of one image file. */
  readonly maxImageBytes: number;
  /** The most tokens of prompt and reply together. */
  readonly contextLength: number;
  /** What ends a reply when the request does not say. */
  readonly defaultStopSequences: readonly string[];
}

/** A request that breaks the contract; every field at fault is named. */
export class RefusedRequestError extends Error {
  override readonly name = 'RefusedRequestError';

  constructor(readonly violations: readonly FieldViolation[]) {
    super(violations.map(({ field, description }) => `${field}: ${description}`).join(' '));
  }
}

const maxSegments = 256;
const maxStopSequences = 8;
const maxStopSequenceLength = 64;
/** SentencePiece makes no pieces of more characters than this, so longer text cannot fit the context. */
const maxCharactersPerToken = 16;

const samplingRanges: Record<
  Exclude<keyof SamplingSettings, 'seed'>,
  { readonly field: string; readonly accepts: (value: number) => boolean; readonly range: string }
> = {
  temperature: {
    field: 'sampling.temperature',
    accepts: (value) => value >= 0 && value <= 2,
    range: 'from 0 to 2',
  },
  topP: {
    field: 'sampling.top_p',
    accepts: (value) => value > 0 && value <= 1,
    range: 'above 0 and at most 1',
  },
  topK: {
    field: 'sampling.top_k',
    accepts: (value) => value >= 0,
    range: 'at least 0',
  },
  repetitionPenalty: {
    field: 'sampling.repetition_penalty',
    accepts: (value) => value > 0 && value <= 2,
    range: 'above 0 and at most 2',
  },
};

/**
 * A request to generate, as the engine takes it.
 * @throws RefusedRequestError
 */
export function admitGenerate(
  { segments, sampling, stopping }: wire.GenerateRequest | wire.GenerateOnceRequest,
  limits: RequestLimits,
): GenerateRequest {
  const violations: FieldViolation[] = [];
  const request = {
    segments: admitSegments(segments, limits, violations),
    sampling: admitSampling(sampling, violations),
    maxNewTokens: admitMaxNewTokens(stopping?.maxNewTokens, violations),
    stopSequences: admitStopSequences(stopping?.stopSequences ?? [], limits, violations),
  };
  if (violations.length > 0) throw new RefusedRequestError(violations);
  return request;
}

/**
 * A prompt to be counted, as the engine takes it.
 * @throws RefusedRequestError
 */
export function admitPrompt({ segments }: wire.CountTokensRequest, limits: RequestLimits): Segment[] {
  const violations: FieldViolation[] = [];
  const admitted = admitSegments(segments, limits, violations);
  if (violations.length > 0) throw new RefusedRequestError(violations);
  return admitted;
}

/**
 * An image to be encoded.
 * @throws RefusedRequestError
 */
export function admitImageFile({ data }: wire.EncodeImageRequest, limits: RequestLimits): Uint8Array {
  const violations: FieldViolation[] = [];
  admitImageBytes(data, 'data', limits, violations);
  if (violations.length > 0) throw new RefusedRequestError(violations);
  return data;
}

function admitSegments(
  segments: readonly wire.Segment[],
  limits: RequestLimits,
  violations: FieldViolation[],
): Segment[] {
  const refuse = (description: string) => violations.push({ field: 'segments', description });
  if (segments.length === 0) refuse('The prompt is empty; send at least one segment.');
  if (segments.length > maxSegments) {
    refuse(`The prompt has ${segments.length} segments; at most ${maxSegments} are accepted.`);
  }

  const images = segments.filter(({ content }) => content?.$case === 'image').length;
  if (images > limits.maxImages) {
    refuse(`The prompt has ${images} images; at most ${limits.maxImages} are accepted.`);
  }

  const maxCharacters = limits.contextLength * maxCharactersPerToken;
  const characters = segments.reduce(
    (sum, { content }) => sum + (content?.$case === 'text' ? content.value.length : 0),
    0,
  );
  if (characters > maxCharacters) {
    refuse(
      `The prompt has ${characters} characters; more than ${maxCharacters} cannot fit the model's context ` +
        `of ${limits.contextLength} tokens.`,
    );
  }
  return segments.flatMap((segment, index) =>
    admitSegment(segment, `segments[${index}]`, limits, violations),
  );
}

function admitSegment(
  { content, beginsSequence }: wire.Segment,
  field: string,
  limits: RequestLimits,
  violations: FieldViolation[],
): Segment[] {
  switch (content?.$case) {
    case 'text':
      return [{ kind: 'text', text: content.value, beginsSequence }];
    case 'image':
      return admitImage(content.value, `${field}.image`, limits, violations).map((image) => ({
        kind: 'image',
        image,
        beginsSequence,
      }));
    case undefined:
      violations.push({ field, description: 'The segment holds neither text nor an image.' });
      return [];
  }
}

function admitImage(
  { source }: wire.Image,
  field: string,
  limits: RequestLimits,
  violations: FieldViolation[],
): ImageSource[] {
  switch (source?.$case) {
    case 'data':
      admitImageBytes(source.value, `${field}.data`, limits, violations);
      return [{ kind: 'bytes', bytes: source.value }];
    case 'digest':
      if (isImageDigest(source.value)) return [{ kind: 'digest', digest: source.value }];
      violations.push({
        field: `${field}.digest`,
        description: 'The digest must be "sha256:" and 64 lowercase hexadecimal digits.',
      });
      return [];
    case undefined:
      violations.push({ field, description: 'The image has neither bytes nor a digest.' });
      return [];
  }
}

function admitImageBytes(
  bytes: Uint8Array,
  field: string,
  { maxImageBytes }: RequestLimits,
  violations: FieldViolation[],
): void {
  if (bytes.length === 0) violations.push({ field, description: 'The image file is empty.' });
  if (bytes.length > maxImageBytes) {
    violations.push({
      field,
      description: `The image file has ${bytes.length} bytes; at most ${maxImageBytes} are accepted.`,
    });
  }
}

function admitSampling(
  sampling: wire.Sampling | undefined,
  violations: FieldViolation[],
): Partial<SamplingSettings> | undefined {
  if (!sampling) return undefined;
  for (const name of Object.keys(samplingRanges) as (keyof typeof samplingRanges)[]) {
    const { field, accepts, range } = samplingRanges[name];
    const value = sampling[name];
    if (value !== undefined && !accepts(value)) {
      violations.push({ field, description: `It is ${value}, but must be ${range}.` });
    }
  }
  return sampling;
}

function admitMaxNewTokens(maxNewTokens: number | undefined, violations: FieldViolation[]) {
  if (maxNewTokens === 0) {
    violations.push({ field: 'stopping.max_new_tokens', description: 'It is 0, but must be at least 1.' });
  }
  return maxNewTokens;
}

function admitStopSequences(
  stopSequences: readonly string[],
  { defaultStopSequences }: RequestLimits,
  violations: FieldViolation[],
): readonly string[] {
  const field = 'stopping.stop_sequences';
  if (stopSequences.length > maxStopSequences) {
    violations.push({
      field,
      description: `There are ${stopSequences.length} stop sequences; at most ${maxStopSequences} are accepted.`,
    });
  }
  stopSequences.forEach((sequence, index) => {
    if (sequence.length === 0 || sequence.length > maxStopSequenceLength) {
      violations.push({
        field: `${field}[${index}]`,
        description: `It has ${sequence.length} characters, but must have from 1 to ${maxStopSequenceLength}.`,
      });
    }
  });
  return stopSequences.length > 0 ? stopSequences : defaultStopSequences;
}
