import { z } from 'zod';

import { buildPrompt, type ChatTemplateName, type Turn } from '#libs/conversation';
import {
  type GenerateRequest,
  type ImageSource,
  maxPromptCharacters,
  type RequestLimits,
  type Segment,
} from '#libs/engine';

import { imageIn } from './data-url.js';
import { OpenAiRequestError, type RequestPlaces } from './openai-request-error.js';
import { textsTooLong } from './string-bounds.js';
import { unsupportedFields } from './unsupported-fields.js';

const textPart = z.object({ type: z.literal('text'), text: z.string() });
const refusalPart = z.object({ type: z.literal('refusal'), refusal: z.string() });
const imagePart = z.object({
  type: z.literal('image_url'),
  image_url: z.union([z.string(), z.object({ url: z.string() }).transform(({ url }) => url)], {
    error: 'Send the image as { "url": "data:image/png;base64,…" }.',
  }),
});

const partOf = (...types: string[]) => ({
  error: ({ input }: { readonly input?: unknown }) =>
    `It is ${JSON.stringify((input as { type?: unknown } | null)?.type) ?? 'no part'}, but only ${types.join(' and ')} are supported.`,
});

/** A list of parts. A text stands for its only one; nothing, which programs send with calls of tools, for none. */
function parts<Part extends z.ZodType>(part: Part) {
  const asList = (content: unknown) =>
    typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
  return z.preprocess(asList, z.array(part, { error: 'Write it as text, or as a list of parts.' }));
}

const textContent = parts(z.discriminatedUnion('type', [textPart, refusalPart], partOf('text'))).transform(
  (content) => content.map((one) => (one.type === 'text' ? one.text : one.refusal)).join('\n'),
);

const message = z.discriminatedUnion(
  'role',
  [
    z.object({ role: z.enum(['system', 'developer']), content: textContent }),
    z.object({
      role: z.literal('user'),
      content: parts(z.discriminatedUnion('type', [textPart, imagePart], partOf('text', 'image_url'))),
    }),
    z.object({ role: z.enum(['assistant', 'tool', 'function']), content: textContent }),
  ],
  { error: 'The role must be one of system, developer, user, assistant and tool.' },
);
type Message = z.infer<typeof message>;

/** -1 is how many programs say "as you like". */
const orMinusOne = <Type extends z.ZodType>(schema: Type) =>
  z.union([z.literal(-1).transform(() => undefined), schema]).nullish();
const tokenLimit = orMinusOne(
  z.int({ error: 'It must be a whole number of tokens.' }).min(1, { error: 'It must be at least 1.' }),
);

/**
 * The body of `POST /v1/chat/completions` (OpenAI, "Create chat completion"), as far as it can be honoured: a field
 * that would change the reply but cannot is refused by its name. `top_k`, `min_p`, `repetition_penalty`, `min_tokens`,
 * `ignore_eos` and `stop_token_ids` are vLLM's additions. What is left out takes the model's defaults.
 */
export const chatCompletionRequest = z
  .looseObject({
    model: z.string(),
    messages: z.array(message).min(1, 'Send at least one message.'),
    stream: z.boolean().nullish(),
    stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
    max_completion_tokens: tokenLimit,
    max_tokens: tokenLimit,
    temperature: z.number().nullish(),
    top_p: z.number().nullish(),
    top_k: z
      .int()
      .transform((topK) => Math.max(0, topK))
      .nullish(),
    repetition_penalty: z.number().nullish(),
    min_p: z.number().nullish(),
    presence_penalty: z.number().nullish(),
    frequency_penalty: z.number().nullish(),
    logit_bias: z.record(z.string(), z.number()).nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().nullish(),
    min_tokens: z.int().nullish(),
    ignore_eos: z.boolean().nullish(),
    stop_token_ids: z.array(z.int()).nullish(),
    seed: orMinusOne(z.int().min(0)),
    stop: z.union([z.string().transform((stop) => [stop]), z.array(z.string())]).nullish(),
    n: z.literal(1, { error: 'One reply a request is what this server gives.' }).nullish(),
  })
  .check(({ value, issues }) => {
    if (value.top_logprobs == null || value.top_logprobs === 0 || value.logprobs) return;
    const message = 'It goes with logprobs: true.';
    issues.push({ code: 'custom', path: ['top_logprobs'], message, input: value });
  })
  .check(unsupportedFields);
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequest>;

/** A request to the engine, and where its parts stand in the one that it was made from. */
export interface TranslatedRequest extends RequestPlaces {
  readonly request: GenerateRequest;
}

/** An image where it stands in the request. */
interface PlacedImage {
  readonly source: ImageSource;
  readonly path: string;
}

/** Image files that a request names by address, by where they stand in it. */
export type FetchedImages = ReadonlyMap<string, Uint8Array>;

/**
 * The same request as the engine takes it, with the conversation written in the model's template.
 * @throws OpenAiRequestError for what is too long to be rewritten or decoded
 */
export function translateRequest(
  completion: ChatCompletionRequest,
  template: ChatTemplateName,
  limits: RequestLimits,
  fetched: FetchedImages = new Map(),
): TranslatedRequest {
  const { messages } = completion;
  requireSize(messages, limits);
  const systemTexts = messages.flatMap(({ role, content }) =>
    (role === 'system' || role === 'developer') && typeof content === 'string' ? content : [],
  );
  const { segments, stopSequences } = buildPrompt({
    template,
    turns: messages.flatMap((one, index) => turnsOf(one, `messages.${index}`, limits, fetched)),
    systemText: systemTexts.length > 0 ? systemTexts.join('\n') : undefined,
  });
  const ownStops = (completion.stop ?? []).filter((stop) => stop !== '');
  const maxNewTokens = completion.max_completion_tokens ?? completion.max_tokens ?? undefined;
  return {
    request: {
      segments: segments.map(
        (segment): Segment =>
          segment.kind === 'text' ? segment : { kind: 'image', image: segment.image.source },
      ),
      sampling: samplingOf(completion),
      maxNewTokens,
      // Without an end of its own, a reply goes on to the limit, or as far as the context reaches.
      minNewTokens: completion.ignore_eos
        ? (maxNewTokens ?? limits.contextLength)
        : completion.min_tokens || undefined,
      stopSequences: [...stopSequences, ...ownStops],
      stopTokens: completion.stop_token_ids ?? undefined,
      logprobs: completion.logprobs ? (completion.top_logprobs ?? 0) : undefined,
    },
    imagePaths: new Map(
      segments.flatMap((segment, index) =>
        segment.kind === 'image' ? [[index, segment.image.path] as const] : [],
      ),
    ),
    templateStops: stopSequences.length,
  };
}

/** What asks for nothing is left out: a server that samples in bursts takes none of it. */
function samplingOf(completion: ChatCompletionRequest): GenerateRequest['sampling'] {
  const { logit_bias: bias } = completion;
  return {
    temperature: completion.temperature ?? undefined,
    topP: completion.top_p ?? undefined,
    topK: completion.top_k ?? undefined,
    repetitionPenalty: completion.repetition_penalty ?? undefined,
    ...(completion.min_p ? { minP: completion.min_p } : {}),
    ...(completion.presence_penalty ? { presencePenalty: completion.presence_penalty } : {}),
    ...(completion.frequency_penalty ? { frequencyPenalty: completion.frequency_penalty } : {}),
    ...(bias && Object.keys(bias).length > 0 ? { logitBias: bias } : {}),
    seed: completion.seed ?? undefined,
  };
}

/** Looks at lengths before anything is rewritten: that takes time in proportion to them. */
function requireSize(messages: readonly Message[], limits: RequestLimits): void {
  const most = maxPromptCharacters(limits);
  let characters = 0;
  let images = 0;
  for (const { content } of messages) {
    const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content;
    for (const part of parts) {
      if (part.type === 'text') characters += part.text.length;
      else images++;
    }
  }
  if (characters > most) throw textsTooLong(limits, characters);
  if (images > limits.maxImages) {
    throw new OpenAiRequestError(
      'messages',
      `They have ${images} images; at most ${limits.maxImages} are accepted.`,
    );
  }
}

function turnsOf(
  message: Message,
  path: string,
  limits: RequestLimits,
  fetched: FetchedImages,
): Turn<PlacedImage>[] {
  switch (message.role) {
    case 'system':
    case 'developer':
      return [];
    case 'assistant':
      return [{ role: 'assistant', text: message.content }];
    // The templates know two sides, and what a tool found out is not the model's own word.
    case 'tool':
    case 'function':
      return [{ role: 'user', images: [], text: message.content }];
    case 'user': {
      const { content } = message;
      const images = content.flatMap((part, index): PlacedImage[] => {
        if (part.type !== 'image_url') return [];
        const place = `${path}.content.${index}.image_url`;
        const bytes = fetched.get(place);
        const source: ImageSource = bytes ? { kind: 'bytes', bytes } : imageIn(part.image_url, place, limits);
        return [{ source, path: place }];
      });
      const texts = content.flatMap((part) => (part.type === 'text' ? part.text : []));
      return [{ role: 'user', images, text: texts.join('\n') }];
    }
  }
}
