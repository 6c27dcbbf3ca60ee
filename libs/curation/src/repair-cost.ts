import { REPAIR } from './repair-model.js';

/** English has about four characters to a token (OpenAI, "What are tokens and how to count them"). */
const CHARACTERS_PER_TOKEN = 4;

/** Roles and separators around the two messages of a request. */
const TOKENS_AROUND_MESSAGES = 12;

export interface TokenUse {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** In dollars, or whatever the endpoint counts in, for a million tokens. */
export interface TokenPrices {
  readonly prompt: number;
  readonly completion: number;
}

/** What repairing will take, if answers are as long as what they repair. */
export function estimateRepair(descriptions: readonly string[]): TokenUse {
  const paragraphs = descriptions.reduce((sum, text) => sum + tokensOf(text), 0);
  return {
    promptTokens: paragraphs + descriptions.length * (tokensOf(REPAIR) + TOKENS_AROUND_MESSAGES),
    completionTokens: paragraphs,
  };
}

export function costOf({ promptTokens, completionTokens }: TokenUse, prices: TokenPrices): number {
  return (promptTokens * prices.prompt + completionTokens * prices.completion) / 1e6;
}

function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
