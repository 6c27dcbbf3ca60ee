import type { ModelInfo, PromptImage } from '#libs/client';

import type { ChatMessage, ImageReference } from '../contract/message.js';
import type { Wish } from '../contract/question.js';
import type { ImageProblem, Warning } from '../contract/warning.js';

/** An image that the model can be sent, by the name people know it by. */
export interface NamedImage extends PromptImage {
  readonly name: string;
  /** Where it was found. */
  readonly reference: ImageReference;
}

/** A question with its conversation and images at hand. */
export interface LoadedQuestion {
  readonly wish: Wish;
  readonly model: ModelInfo;
  readonly messages: readonly ChatMessage[];
  readonly images: ReadonlyMap<ChatMessage, readonly NamedImage[]>;
  /** What was tried and cannot be used. */
  readonly unusable: ReadonlyMap<ImageReference, ImageProblem>;
  readonly warnings: readonly Warning[];
}

/** An image that turned out to be unusable when the model server looked at it. */
export interface RefusedImage {
  readonly image: NamedImage;
  readonly problem: ImageProblem;
}
