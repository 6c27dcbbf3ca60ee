import { isEngineFault, type RequestFault } from '#libs/engine';
import { CodedError } from '#libs/errors';

/** What is wrong with a request, in the terms of OpenAI's interface. */
export class OpenAiRequestError extends CodedError {
  constructor(
    /** The path of the field, such as `messages.0.content.1.image_url`. */
    readonly param: string,
    problem: string,
    /** OpenAI's code. */
    readonly openAiCode: string | null = null,
    options?: ErrorOptions,
  ) {
    super('openai-request', `${param}: ${problem}`, options);
  }
}

/** Where the parts of a request to the engine stand in the one that it was made from. */
export interface RequestPlaces {
  /** The path of what became a segment, for images. */
  readonly imagePaths: ReadonlyMap<number, string>;
  /** How many of the stop sequences are the template's, ahead of the client's. */
  readonly templateStops: number;
}

const samplingFields: Readonly<Record<string, string>> = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  repetitionPenalty: 'repetition_penalty',
  minP: 'min_p',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  logitBias: 'logit_bias',
  seed: 'seed',
};

/** The engine's refusal of a translated request, as one of the request that it was made from. */
export function inOpenAiTerms(error: unknown, places: RequestPlaces): unknown {
  if (isEngineFault(error, 'invalid-image') && error.fault.segmentIndex !== undefined) {
    const param = places.imagePaths.get(error.fault.segmentIndex) ?? 'messages';
    return new OpenAiRequestError(param, error.message, 'invalid_image', { cause: error });
  }
  if (!isEngineFault(error, 'invalid-request')) return error;
  const field = error.fault.fields[0]!;
  return new OpenAiRequestError(paramOf(field, places), field.message, null, { cause: error });
}

function paramOf({ path: [first, second] }: RequestFault, places: RequestPlaces): string {
  switch (first) {
    case 'segments':
      return places.imagePaths.get(Number(second)) ?? 'messages';
    case 'sampling':
      return samplingFields[String(second)] ?? String(second);
    case 'maxNewTokens':
      return 'max_completion_tokens';
    case 'minNewTokens':
      return 'min_tokens';
    case 'stopTokens':
      return 'stop_token_ids';
    case 'logprobs':
      return 'top_logprobs';
    case 'stopSequences':
      return second === undefined ? 'stop' : `stop.${Number(second) - places.templateStops}`;
    default:
      return String(first);
  }
}
