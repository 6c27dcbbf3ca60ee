import { createHash, randomUUID } from 'node:crypto';
import { cpus } from 'node:os';

import type { Place } from '#libs/conversation';
import { type Engine, installedOnnxRuntime } from '#libs/engine';
import {
  type ChosenTokenScore,
  type Finish,
  FinishReason,
  type TextDelta,
  type TokenScore,
} from '#libs/protocol';

const runtimeVersion = installedOnnxRuntime().version;

/** What all messages about one reply have in common. */
export interface ReplyHeader {
  readonly id: string;
  /** In seconds since 1970. */
  readonly created: number;
  readonly model: string;
  /** Of {@link systemFingerprint}. */
  readonly system_fingerprint: string;
}

export function replyHeader(engine: Engine): ReplyHeader {
  return {
    id: `chatcmpl-${randomUUID()}`,
    created: Math.floor(Date.now() / 1_000),
    model: engine.manifest.name,
    system_fingerprint: systemFingerprint(engine),
  };
}

/**
 * What a seed's reply depends on beside the request: OpenAI's `system_fingerprint`. It ends in whether the reply depends
 * on nothing else.
 */
function systemFingerprint({ manifest, limits }: Engine): string {
  const { device, precision, keyValueType, burstLength, contextLength, reproducibility } = limits;
  const system = [
    manifest,
    { device, precision, keyValueType, burstLength, contextLength, reproducibility },
    runtimeVersion,
    cpus()[0]?.model,
  ];
  const digest = createHash('sha256').update(JSON.stringify(system)).digest('hex').slice(0, 12);
  return `fp_${digest}_${reproducibility.kind === 'proven' ? 'reproducible' : 'not_reproducible'}`;
}

/** A whole reply: OpenAI's "chat completion object". */
export function chatCompletion(
  header: ReplyHeader,
  content: string,
  places: readonly Place[],
  scores: readonly ChosenTokenScore[],
  finish: Finish | undefined,
) {
  const message = { role: 'assistant', content, refusal: null, annotations: places.map(annotation) };
  return {
    ...header,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: logprobs(scores), finish_reason: finishReason(finish) }],
    usage: usage(finish),
  };
}

/** A piece of a reply: OpenAI's "chat completion chunk object". */
export function chatCompletionChunk(header: ReplyHeader, { text, scores }: TextDelta) {
  const delta = { role: 'assistant', content: text };
  const choice = { index: 0, delta, logprobs: text === '' ? null : logprobs(scores), finish_reason: null };
  return { ...header, object: 'chat.completion.chunk', choices: [choice] };
}

/** The chunk after the last piece, with the finish and no content. */
export function finishChunk(header: ReplyHeader, finish: Finish) {
  const annotations = finish.places.map(annotation);
  const delta = annotations.length > 0 ? { annotations } : {};
  return {
    ...header,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason(finish) }],
  };
}

/** OpenAI's "log probability information". Tokens without text, as the end of the sequence, are no part of the content. */
function logprobs(scores: readonly ChosenTokenScore[]) {
  const ofText = scores.filter(({ chosen }) => chosen && chosen.text.length > 0);
  if (ofText.length === 0) return null;
  const content = ofText.map(({ chosen, alternatives }) => ({
    ...scoreOf(chosen!),
    top_logprobs: alternatives.map(scoreOf),
  }));
  return { content, refusal: null };
}

function scoreOf({ text, logprob }: TokenScore) {
  return { token: Buffer.from(text).toString('utf8'), logprob, bytes: [...text] };
}

/** A place in the picture, in the form of OpenAI's annotations of a message; theirs are addresses. */
function annotation({ phrase, left, top, right, bottom, start, end }: Place) {
  const box = { phrase, left, top, right, bottom, start_index: start, end_index: end };
  return { type: 'box', box };
}

/** The chunk after the last piece, for clients that asked for the usage of a streamed reply. */
export function usageChunk(header: ReplyHeader, finish: Finish) {
  return { ...header, object: 'chat.completion.chunk', choices: [], usage: usage(finish) };
}

function finishReason(finish: Finish | undefined): 'stop' | 'length' {
  return finish?.reason === FinishReason.FINISH_REASON_LENGTH ? 'length' : 'stop';
}

function usage(finish: Finish | undefined) {
  const { promptTokens = 0, completionTokens = 0, cachedPromptTokens = 0 } = finish?.usage ?? {};
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedPromptTokens },
  };
}
