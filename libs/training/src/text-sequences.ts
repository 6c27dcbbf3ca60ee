import type { Tokenizer } from '#libs/tokenizer';

import type { TrainingSequence } from './training-batch.js';

export const IMAGE_PLACEHOLDER = '<ImageHere>';

export interface AnswerFormat {
  /** What the model learns to end with; part of the answer. */
  readonly endSymbol: string;
  /** Answers are cut at this many tokens, the end symbol's included, so long ones lose it (MiniGPT-4, minigpt_base.py). */
  readonly maxTokens: number;
}

/**
 * The tokens of an answer and of the prompt before it. Every segment is encoded on its own, as in the original; only
 * the first begins with the begin-of-sequence token.
 *
 * @param prompt holds `<ImageHere>` once, or is empty: stage 1 shows an image and then its caption, nothing else
 */
export function textSequence(
  tokenizer: Tokenizer,
  prompt: string,
  answer: string,
  { endSymbol, maxTokens }: AnswerFormat,
): TrainingSequence {
  const [before = '', between = ''] = prompt.split(IMAGE_PLACEHOLDER);
  return {
    before: before ? tokenizer.encode(before, { beginOfSequence: true }) : [tokenizer.beginOfSequence],
    between: between ? tokenizer.encode(between) : [],
    answer: tokenizer.encode(answer + endSymbol).slice(0, maxTokens),
  };
}
