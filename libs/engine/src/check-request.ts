import { z } from 'zod';

import type { EngineLimits, GenerateRequest, Segment } from './engine.js';
import { EngineError, type RequestFault } from './errors.js';
import { isImageDigest } from './image-digest.js';

const MAX_SEGMENTS = 256;
const MAX_STOP_SEQUENCES = 16;
const MAX_STOP_SEQUENCE_LENGTH = 64;
/** OpenAI's bounds. */
const MAX_LOGPROBS = 20;
const MAX_BIASED_TOKENS = 300;
/** SentencePiece makes no pieces of more characters than this, so longer text cannot fit the context. */
const MAX_CHARACTERS_PER_TOKEN = 16;
/** A conversation is counted to find out what of it fits, so more may be counted than fits. */
const COUNTED_CONTEXTS = 16;

/** What of the engine's sizes bounds a request. */
export type RequestLimits = Pick<
  EngineLimits,
  'contextLength' | 'maxImages' | 'maxImageBytes' | 'burstLength'
>;

/** The most characters of text in a prompt: more cannot fit the context. */
export function maxPromptCharacters({ contextLength }: RequestLimits): number {
  return contextLength * MAX_CHARACTERS_PER_TOKEN;
}

/** @throws EngineError `invalid-request` naming every field that is not acceptable */
export function checkGenerateRequest(request: GenerateRequest, limits: RequestLimits): void {
  check(
    z.object({
      segments: promptSegments(limits, MAX_SEGMENTS, maxPromptCharacters(limits)),
      sampling: samplingSettings(limits).optional(),
      maxNewTokens: z
        .number()
        .min(1, { error: outOf('at least 1') })
        .optional(),
      minNewTokens: singleSteps(limits, number('a whole number of at least 0', isCount)).optional(),
      stopSequences,
      stopTokens: z
        .array(number('a whole number of at least 0', isCount))
        .max(MAX_STOP_SEQUENCES, { error: `At most ${MAX_STOP_SEQUENCES} stop tokens are accepted.` })
        .optional(),
      logprobs: singleSteps(
        limits,
        number(
          `a whole number from 0 to ${MAX_LOGPROBS}`,
          (value) => isCount(value) && value <= MAX_LOGPROBS,
        ),
      ).optional(),
    }),
    request,
  );
}

/**
 * Checks a prompt that is only to be counted, and may be longer than what fits.
 * @throws EngineError `invalid-request` naming every field that is not acceptable
 */
export function checkCountedSegments(segments: readonly Segment[], limits: RequestLimits): void {
  const schema = promptSegments(
    { ...limits, maxImages: Number.POSITIVE_INFINITY },
    MAX_SEGMENTS * COUNTED_CONTEXTS,
    maxPromptCharacters(limits) * COUNTED_CONTEXTS,
  );
  check(z.object({ segments: schema }), { segments });
}

/** @throws EngineError `invalid-request` */
export function checkImageFile(bytes: Uint8Array, limits: RequestLimits): void {
  check(z.object({ bytes: imageFile(limits) }), { bytes });
}

const outOf = (range: string) => (issue: { readonly input?: unknown }) =>
  `It is ${issue.input}, but must be ${range}.`;

/** A number for which `accepts` holds, which NaN fulfils nowhere. */
function number(range: string, accepts: (value: number) => boolean) {
  return z.custom<number>((value) => typeof value === 'number' && accepts(value), { error: outOf(range) });
}

const isCount = (value: number) => Number.isInteger(value) && value >= 0;
const isPenalty = (value: number) => Math.abs(value) <= 2;

/** A setting that the networks which sample by themselves, in bursts of tokens, know nothing of. */
function singleSteps<T extends z.ZodType>({ burstLength }: RequestLimits, schema: T) {
  return schema.refine(() => burstLength === 1, {
    error:
      'This server computes several tokens at once and cannot take it into account. Start it with BURST=1.',
  });
}

function samplingSettings(limits: RequestLimits) {
  return z
    .object({
      temperature: number('from 0 to 2', (value) => value >= 0 && value <= 2),
      topP: number('above 0 and at most 1', (value) => value > 0 && value <= 1),
      topK: number('a whole number of at least 0', isCount),
      repetitionPenalty: number('above 0 and at most 2', (value) => value > 0 && value <= 2),
      minP: singleSteps(
        limits,
        number('from 0 to 1', (value) => value >= 0 && value <= 1),
      ),
      presencePenalty: singleSteps(limits, number('from -2 to 2', isPenalty)),
      frequencyPenalty: singleSteps(limits, number('from -2 to 2', isPenalty)),
      logitBias: singleSteps(
        limits,
        z
          .record(
            z.string(),
            number('from -100 to 100', (value) => Math.abs(value) <= 100),
          )
          .refine((bias) => Object.keys(bias).every((id) => /^\d+$/.test(id)), {
            error: 'Its keys must be ids of tokens.',
          })
          .refine((bias) => Object.keys(bias).length <= MAX_BIASED_TOKENS, {
            error: `At most ${MAX_BIASED_TOKENS} tokens can be biased.`,
          }),
      ),
      seed: number('a whole number of at least 0', (value) => Number.isSafeInteger(value) && value >= 0),
    })
    .partial();
}

const stopSequences = z
  .array(
    z.string().check((context) => {
      const { length } = context.value;
      if (length > 0 && length <= MAX_STOP_SEQUENCE_LENGTH) return;
      refuse(context, `It has ${length} characters, but must have from 1 to ${MAX_STOP_SEQUENCE_LENGTH}.`);
    }),
  )
  .check((context) => {
    const { length } = context.value;
    if (length <= MAX_STOP_SEQUENCES) return;
    refuse(context, `There are ${length} stop sequences; at most ${MAX_STOP_SEQUENCES} are accepted.`);
  });

function promptSegments(limits: RequestLimits, maxSegments: number, maxCharacters: number) {
  const { maxImages, contextLength } = limits;
  const image = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('bytes'), bytes: imageFile(limits) }),
    z.object({
      kind: z.literal('digest'),
      digest: z
        .string()
        .refine(isImageDigest, 'The digest must be "sha256:" and 64 lowercase hexadecimal digits.'),
    }),
  ]);
  const segment = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('text'), text: z.string() }),
    z.object({ kind: z.literal('image'), image }),
  ]);
  return z
    .custom<readonly Segment[]>(Array.isArray)
    .check((context) => {
      const segments = context.value;
      if (segments.length === 0) refuse(context, 'The prompt is empty; send at least one segment.');
      if (segments.length > maxSegments) {
        refuse(context, `The prompt has ${segments.length} segments; at most ${maxSegments} are accepted.`);
      }
      const images = segments.filter(({ kind }) => kind === 'image').length;
      if (images > maxImages) {
        refuse(context, `The prompt has ${images} images; at most ${maxImages} are accepted.`);
      }
      const characters = segments.reduce((sum, one) => sum + (one.kind === 'text' ? one.text.length : 0), 0);
      if (characters > maxCharacters) {
        refuse(
          context,
          `The prompt has ${characters} characters; at most ${maxCharacters} are accepted with a context of ` +
            `${contextLength} tokens.`,
        );
      }
    })
    .pipe(z.array(segment));
}

function imageFile({ maxImageBytes }: RequestLimits) {
  return z.instanceof(Uint8Array).check((context) => {
    const { length } = context.value;
    if (length === 0) refuse(context, 'The image file is empty.');
    if (length > maxImageBytes) {
      refuse(context, `The image file has ${length} bytes; at most ${maxImageBytes} are accepted.`);
    }
  });
}

function refuse({ issues, value }: z.core.ParsePayload, message: string): void {
  issues.push({ code: 'custom', message, input: value });
}

function check(schema: z.ZodType, value: unknown): void {
  const { error } = schema.safeParse(value);
  if (!error) return;
  throw new EngineError({
    code: 'invalid-request',
    fields: error.issues.map(
      ({ path, message }): RequestFault => ({ path: path as RequestFault['path'], message }),
    ),
  });
}
