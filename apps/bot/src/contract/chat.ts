import { Injectable } from '@nestjs/common';
import { CodedError } from '#libs/errors';

import type { ImageReference } from './message.js';
import type { Asker, Platform, Question } from './question.js';
import type { ReplySink } from './reply-sink.js';

/** How an answer ended. */
export type Outcome =
  | { readonly kind: 'answered'; readonly text: string }
  | { readonly kind: 'stopped'; readonly text: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed' };

/** Why an answer was cancelled: the reason of the signal it runs under. */
export class AnswerCancelled extends CodedError {
  constructor(readonly by: 'asker' | 'deletion' | 'next-question' | 'time') {
    super('answer-cancelled', `The answer was cancelled by ${by}.`);
  }
}

/** Aborted when the bot ends: answers stop then, and say so. Each adapter has its own. */
@Injectable()
export class Closing extends AbortController {}

/** What pressing Stop did. */
export type StopResult = 'stopped' | 'not-running' | 'not-allowed';

/** What the page and the console say about the model. */
export interface ModelDescription {
  readonly name: string;
  readonly description: string;
  readonly device: string;
  readonly quantization: string;
  readonly maxImages: number;
  /** How many pictures of one question it tells apart. */
  readonly distinctImages: number;
  readonly maxImageBytes: number;
}

/** What looking at an image ahead of its question found out. */
export type PreparedImage =
  | { readonly kind: 'accepted' }
  /** The image cannot be used; `reason` is a sentence for the asker. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * What adapters see of the core, and the token they inject it by.
 *
 * An adapter turns an event into a `Question`, makes a `ReplySink` for its answer and calls `answer`. It keeps
 * no state of its own: the question, the asker and the conversation are read from the platform.
 */
export abstract class Chat {
  /**
   * Answers a question into the sink. Never rejects: whatever goes wrong is told in the reply, in plain words.
   * `signal` is the platform's own way to cancel: the page was closed, the question was deleted.
   */
  abstract answer(question: Question, sink: ReplySink, signal: AbortSignal): Promise<Outcome>;

  /** Stops the answer to a question, when its asker or a moderator wants it. */
  abstract stop(questionId: string, presser: Asker, askerId: string): Promise<StopResult>;

  /** Cancels the answer to a question that was deleted. */
  abstract cancelDeleted(questionId: string): Promise<void>;

  /** True while the answer to this question is running or waiting, here or in a bot that shares a Redis. */
  abstract isRunning(questionId: string): Promise<boolean>;

  /** True for the asker and for moderators, who may stop and regenerate an answer. */
  abstract mayControl(presser: Asker, askerId: string): boolean;

  /** Counts a press of a feedback button. */
  abstract countFeedback(platform: Platform, vote: 'up' | 'down'): void;

  /** The model behind the answers, or undefined while the model server cannot be reached. */
  abstract describeModel(): Promise<ModelDescription | undefined>;

  /** Lets the model look at an image ahead of its question, so that the answer starts sooner. Never rejects. */
  abstract prepareImage(
    image: ImageReference,
    sender: Pick<Question, 'platform' | 'asker' | 'place' | 'locale'>,
    signal: AbortSignal,
  ): Promise<PreparedImage>;
}
