import { InvalidImageError, InvalidRequestError, type RequestFault } from '#libs/engine';

import type { TranslatedRequest } from './chat-completion-request.js';

/** What is wrong with a request, in the terms of OpenAI's interface. */
export class OpenAiRequestError extends Error {
  override readonly name = 'OpenAiRequestError';

  constructor(
    /** The path of the field, such as `messages.0.content.1.image_url`. */
    readonly param: string,
    problem: string,
    readonly code: string | null = null,
    options?: ErrorOptions,
  ) {
    super(`${param}: ${problem}`, options);
  }
}

const samplingFields: Readonly<Record<string, string>> = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  repetitionPenalty: 'repetition_penalty',
  seed: 'seed',
};

/** The engine's refusal of a translated request, as one of the request that it was made from. */
export function inOpenAiTerms(error: unknown, translated: TranslatedRequest): unknown {
  if (error instanceof InvalidImageError && error.segmentIndex !== undefined) {
    const param = translated.imagePaths.get(error.segmentIndex) ?? 'messages';
    return new OpenAiRequestError(param, error.message, 'invalid_image', { cause: error });
  }
  if (!(error instanceof InvalidRequestError)) return error;
  const fault = error.faults[0]!;
  return new OpenAiRequestError(paramOf(fault, translated), fault.message, null, { cause: error });
}

function paramOf({ path: [first, second] }: RequestFault, translated: TranslatedRequest): string {
  switch (first) {
    case 'segments':
      return translated.imagePaths.get(Number(second)) ?? 'messages';
    case 'sampling':
      return samplingFields[String(second)] ?? String(second);
    case 'maxNewTokens':
      return 'max_completion_tokens';
    case 'stopSequences':
      return second === undefined ? 'stop' : `stop.${Number(second) - translated.templateStops}`;
    default:
      return String(first);
  }
}
