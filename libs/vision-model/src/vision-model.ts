import type { ChatTemplateName } from '#libs/conversation';
import { CodedError } from '#libs/errors';
import type { ImageNotice } from '#libs/images';

export interface Question {
  /** May be empty for models that caption a picture without a word. */
  readonly text: string;
  /** As the model's package says when left out. */
  readonly maxNewTokens?: number;
}

export interface Answer {
  readonly text: string;
  /** `length`: the limit of new tokens, or the context length, cut it off. */
  readonly finishReason: 'stop' | 'length';
  /** What a person should know about the picture. */
  readonly notices: readonly ImageNotice[];
}

/** A model that looks at pictures, wherever it runs. It answers greedily: the same question gets the same answer. */
export interface VisionModel {
  readonly name: string;
  readonly template: ChatTemplateName;
  /** So many questions at once leave no slot of it free. */
  readonly atOnce: number;
  /** Of one picture's file. */
  readonly maxImageBytes: number;
  /**
   * Asks one question about one picture. An abort ends it with the signal's reason.
   * @throws UnusablePictureError, and other errors where not the picture is at fault
   */
  ask(picture: Uint8Array, question: Question, signal?: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

/** A picture that the model cannot look at; the sentence says why. Other pictures can be. */
export class UnusablePictureError extends CodedError<'unusable-picture'> {
  constructor(sentence: string, options?: ErrorOptions) {
    super('unusable-picture', sentence, options);
  }
}
