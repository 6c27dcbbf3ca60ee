import { placesIn } from '#libs/conversation';
import type { ChosenTokenScore, EngineLimits, GenerateEvent, TokenScore } from '#libs/engine';
import type { ModelManifest } from '#libs/model-package';
import type * as wire from '#libs/protocol';
import {
  chatTemplateToWire,
  type Finish,
  FinishReason,
  type GenerateOnceResponse,
  type GenerateResponse,
  type GetModelResponse,
  imageNoticesToWire,
} from '#libs/protocol';

type FinishEvent = Extract<GenerateEvent, { kind: 'finish' }>;

const finishReasons = {
  stop: FinishReason.FINISH_REASON_STOP,
  length: FinishReason.FINISH_REASON_LENGTH,
} as const;

type TemplateName = ModelManifest['template'];

/** @param said the reply's text so far */
export function generateResponse(
  event: GenerateEvent,
  template: TemplateName,
  said: string,
): GenerateResponse {
  switch (event.kind) {
    case 'queued':
      return { event: { $case: 'queued', value: { position: event.position } } };
    case 'delta':
      return {
        event: {
          $case: 'delta',
          value: { text: event.text, tokenIds: [...event.tokenIds], scores: tokenScores(event.scores) },
        },
      };
    case 'finish':
      return { event: { $case: 'finish', value: finish(event, template, said) } };
  }
}

/** Gathers a whole reply. */
export async function generateOnceResponse(
  events: AsyncIterable<GenerateEvent>,
  template: TemplateName,
): Promise<GenerateOnceResponse> {
  const response: GenerateOnceResponse = { text: '', tokenIds: [], finish: undefined, scores: [] };
  for await (const event of events) {
    if (event.kind === 'delta') {
      response.text += event.text;
      response.tokenIds.push(...event.tokenIds);
      response.scores.push(...tokenScores(event.scores));
    } else if (event.kind === 'finish') {
      response.finish = finish(event, template, response.text);
    }
  }
  return response;
}

export function modelResponse(
  { name, description, template, distinctImages, quantization, generation }: ModelManifest,
  { contextLength, tokensPerImage, maxImages, maxImageBytes, device, reproducibility }: EngineLimits,
): GetModelResponse {
  const { temperature, topP, topK, repetitionPenalty, maxNewTokens } = generation;
  return {
    name,
    description,
    template: chatTemplateToWire(template),
    contextLength,
    tokensPerImage,
    maxImages,
    distinctImages,
    maxImageBytes,
    device,
    quantization: quantization.decoder.kind === 'none' ? 'fp32' : quantization.decoder.kind,
    defaultSampling: { temperature, topP, topK, repetitionPenalty, logitBias: {} },
    defaultMaxNewTokens: maxNewTokens,
    reproducible: reproducibility.kind === 'proven',
  };
}

function tokenScores(scores: readonly ChosenTokenScore[] = []): wire.ChosenTokenScore[] {
  const message = ({ tokenId, bytes, logprob }: TokenScore) => ({
    tokenId,
    text: Buffer.from(bytes),
    logprob,
  });
  return scores.map((score) => ({ chosen: message(score), alternatives: score.alternatives.map(message) }));
}

function finish(
  { reason, usage, timings, imageDigests, notices }: FinishEvent,
  template: TemplateName,
  reply: string,
): Finish {
  return {
    reason: finishReasons[reason],
    usage,
    timings: {
      queueSeconds: timings.queue,
      imageSeconds: timings.image,
      prefillSeconds: timings.prefill,
      decodeSeconds: timings.decode,
      firstTokenSeconds: timings.firstToken,
    },
    imageDigests: [...imageDigests],
    notices: imageNoticesToWire(notices),
    places: placesIn(template, reply),
  };
}
