import {
  EngineError,
  type GenerateRequest,
  type ImageSource,
  type RequestFault,
  type Segment,
} from '#libs/engine';
import type * as wire from '#libs/protocol';

/**
 * A request of the contract in the engine's terms. The engine checks it; only what its type cannot say is refused here.
 * @throws EngineError `invalid-request`
 */
export function generateRequestFromWire(
  { segments, sampling, stopping, logprobs }: wire.GenerateRequest | wire.GenerateOnceRequest,
  defaultStopSequences: readonly string[],
): GenerateRequest {
  const { maxNewTokens, minNewTokens, stopSequences = [], stopTokenIds } = stopping ?? {};
  return {
    segments: segmentsFromWire(segments),
    sampling: sampling && samplingFromWire(sampling),
    maxNewTokens,
    minNewTokens,
    stopTokens: stopTokenIds,
    logprobs,
    stopSequences: stopSequences.length > 0 ? stopSequences : defaultStopSequences,
  };
}

/** A map cannot be left out in protobuf; an empty one asks for nothing. */
function samplingFromWire({ logitBias, ...others }: wire.Sampling): GenerateRequest['sampling'] {
  return Object.keys(logitBias).length === 0 ? others : { ...others, logitBias };
}

/** @throws EngineError `invalid-request` */
export function segmentsFromWire(segments: readonly wire.Segment[]): Segment[] {
  return segments.map(segmentFromWire);
}

function segmentFromWire({ content, beginsSequence, endsSequence }: wire.Segment, index: number): Segment {
  const ending = endsSequence && { endsSequence };
  switch (content?.$case) {
    case 'text':
      return { kind: 'text', text: content.value, beginsSequence, ...ending };
    case 'image':
      return { kind: 'image', image: imageFromWire(content.value, index), beginsSequence, ...ending };
    case undefined:
      throw refused(['segments', index], 'The segment holds neither text nor an image.');
  }
}

function imageFromWire({ source }: wire.Image, segmentIndex: number): ImageSource {
  switch (source?.$case) {
    case 'data':
      return { kind: 'bytes', bytes: source.value };
    case 'digest':
      return { kind: 'digest', digest: source.value };
    case undefined:
      throw refused(['segments', segmentIndex, 'image'], 'The image has neither bytes nor a digest.');
  }
}

function refused(path: RequestFault['path'], message: string): EngineError {
  return new EngineError({ code: 'invalid-request', fields: [{ path, message }] });
}

/** What the contract calls the engine's fields; the others are called alike. */
const wireFields: Readonly<Record<string, string>> = {
  bytes: 'data',
  topP: 'top_p',
  topK: 'top_k',
  repetitionPenalty: 'repetition_penalty',
  minP: 'min_p',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  logitBias: 'logit_bias',
  maxNewTokens: 'stopping.max_new_tokens',
  minNewTokens: 'stopping.min_new_tokens',
  stopTokens: 'stopping.stop_token_ids',
  stopSequences: 'stopping.stop_sequences',
};

/** The path of a field as the contract has it, such as `segments[1].image.data`. */
export function wireField(path: RequestFault['path']): string {
  return path.reduce<string>((field, key) => {
    if (typeof key === 'number') return `${field}[${key}]`;
    const name = wireFields[key] ?? key;
    return field === '' ? name : `${field}.${name}`;
  }, '');
}
