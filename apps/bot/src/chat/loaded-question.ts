import type { ModelInfo, PromptImage } from '#libs/client';

import type { ChatMessage } from './message.js';
import type { Wish } from './question.js';
import type { ImageProblem, Warning } from './warning.js';

/** An image that the model can be sent, by the name people know it by. */
export interface NamedImage extends PromptImage {
  readonly name: string;
}

/** A question with its conversation and images at hand. */
export interface LoadedQuestion {
  readonly wish: Wish;
  readonly model: ModelInfo;
  readonly messages: readonly ChatMessage[];
  readonly images: ReadonlyMap<ChatMessage, readonly NamedImage[]>;
  readonly warnings: readonly Warning[];
}

/** The question without an image that turned out to be unusable, wherever the conversation shows it. */
export function withoutImage(
  question: LoadedQuestion,
  { digest, name }: NamedImage,
  problem: ImageProblem,
): LoadedQuestion {
  const kept = [...question.images].map(
    ([message, images]) => [message, images.filter((image) => image.digest !== digest)] as const,
  );
  return {
    ...question,
    images: new Map(kept),
    warnings: [...question.warnings, { kind: 'image-skipped', name, problem }],
  };
}
