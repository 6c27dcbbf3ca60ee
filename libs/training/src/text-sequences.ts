import type { Tokenizer } from '#libs/tokenizer';

import type { TrainingSequence } from './training-batch.js';

export const IMAGE_PLACEHOLDER = '<ImageHere>';

export interface AnswerFormat {
  /** What the model learns to end with; part of the answer. `</s>` stands for the end-of-sequence token. */
  readonly endSymbol: string;
  /** Answers are cut at this many tokens, the end symbol's included, so long ones lose it (MiniGPT-4, minigpt_base.py). */
  readonly maxTokens: number;
}

const END_OF_SEQUENCE = '</s>';

/**
 * The tokens of an answer and of the prompt before it. Every segment is encoded on its own, as in the original; only
 * the first begins with the begin-of-sequence token, which follows the image where the model begins after its images.
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
  const beginsBetween = tokenizer.beginsAfterImages && before === '';
  const tokensOf = (text: string, beginOfSequence: boolean) => {
    if (text !== '') return tokenizer.encode(text, { beginOfSequence });
    return beginOfSequence ? [tokenizer.beginOfSequence] : [];
  };
  return {
    before: tokensOf(before, !beginsBetween),
    between: tokensOf(between, beginsBetween),
    answer: answerTokens(tokenizer, answer, endSymbol).slice(0, maxTokens),
  };
}

function answerTokens(tokenizer: Tokenizer, answer: string, endSymbol: string): number[] {
  return endSymbol === END_OF_SEQUENCE
    ? [...tokenizer.encode(answer), tokenizer.endOfSequence]
    : tokenizer.encode(answer + endSymbol);
}
