import { z } from 'zod';

import { buildPrompt, type ChatTemplateName, type Turn } from '#libs/conversation';
import type { GenerateRequest, Image, Segment } from '#libs/protocol';

/** Bytes of an image inside the request; nothing is fetched for a client. */
const imageUrl = z
  .string()
  .regex(
    /^data:image\/[\w.+-]+;base64,/,
    'Send the image itself, as a data: URL in base64; the server fetches no addresses.',
  )
  .transform((url): Image => {
    const base64 = url.slice(url.indexOf(',') + 1);
    return { source: { $case: 'data', value: Buffer.from(base64, 'base64') } };
  });

const textPart = z.object({ type: z.literal('text'), text: z.string() });
const imagePart = z.object({ type: z.literal('image_url'), image_url: z.object({ url: imageUrl }) });

const textContent = z
  .union([z.string(), z.array(textPart)], { error: 'Write it as text, or as a list of text parts.' })
  .transform(textOf);

const message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer']), content: textContent }),
  z.object({
    role: z.literal('user'),
    content: z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart, imagePart]))]),
  }),
  z.object({ role: z.literal('assistant'), content: textContent }),
]);

const unsupported = { error: 'This server does not support it; leave it out.' };
const noTools = z.tuple([], unsupported).nullish();
const onlyZero = z.literal(0, { error: 'This server supports repetition_penalty instead.' }).nullish();

/**
 * The body of `POST /v1/chat/completions` (OpenAI, "Create chat completion"), as far as it can be honoured: a field
 * that would change the reply but cannot is refused. `top_k` and `repetition_penalty` are vLLM's additions. What is
 * left out takes the model's defaults.
 */
export const chatCompletionRequest = z.object({
  model: z.string(),
  messages: z.array(message).min(1, 'Send at least one message.'),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_k: z.int().nullish(),
  repetition_penalty: z.number().nullish(),
  seed: z.int().min(0).max(0xffff_ffff).nullish(),
  stop: z.union([z.string().transform((stop) => [stop]), z.array(z.string())]).nullish(),
  n: z.literal(1, { error: 'One reply a request is what this server gives.' }).nullish(),
  frequency_penalty: onlyZero,
  presence_penalty: onlyZero,
  tools: noTools,
  functions: noTools,
  response_format: z.object({ type: z.literal('text', unsupported) }).nullish(),
  audio: z.null(unsupported).optional(),
  logprobs: z.literal(false, { error: 'This server does not give them; leave it out.' }).nullish(),
});
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequest>;

/** The same request as the gRPC contract says it, with the conversation written in the model's template. */
export function generateRequest(request: ChatCompletionRequest, template: ChatTemplateName): GenerateRequest {
  const systemTexts = request.messages.flatMap((message) =>
    message.role === 'system' || message.role === 'developer' ? message.content : [],
  );
  const { segments, stopSequences } = buildPrompt({
    template,
    turns: request.messages.flatMap(turnsOf),
    systemText: systemTexts.length > 0 ? systemTexts.join('\n') : undefined,
  });
  return {
    segments: segments.map(
      (segment): Segment =>
        segment.kind === 'text'
          ? {
              content: { $case: 'text', value: segment.text },
              beginsSequence: segment.beginsSequence ?? false,
            }
          : { content: { $case: 'image', value: segment.image }, beginsSequence: false },
    ),
    sampling: {
      temperature: request.temperature ?? undefined,
      topP: request.top_p ?? undefined,
      topK: request.top_k ?? undefined,
      repetitionPenalty: request.repetition_penalty ?? undefined,
      seed: request.seed ?? undefined,
    },
    stopping: {
      maxNewTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
      stopSequences: [...stopSequences, ...(request.stop ?? [])],
    },
  };
}

function turnsOf(message: z.infer<typeof chatCompletionRequest>['messages'][number]): Turn<Image>[] {
  switch (message.role) {
    case 'system':
    case 'developer':
      return [];
    case 'assistant':
      return [{ role: 'assistant', text: message.content }];
    case 'user': {
      if (typeof message.content === 'string') return [{ role: 'user', images: [], text: message.content }];
      const images = message.content.flatMap((part) => (part.type === 'image_url' ? part.image_url.url : []));
      const texts = message.content.filter((part) => part.type === 'text');
      return [{ role: 'user', images, text: textOf(texts) }];
    }
  }
}

function textOf(content: string | readonly z.infer<typeof textPart>[]): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('\n');
}
