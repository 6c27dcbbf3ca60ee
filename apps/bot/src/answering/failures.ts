import { ModelServerError } from '#libs/client';
import { CodedError } from '#libs/errors';

import type { Words } from '../words/index.js';

/** What the asker is told about a question that cannot be answered as it stands. */
export class UnanswerableError extends CodedError {
  constructor(
    readonly why: 'nothing-asked' | 'no-image' | 'no-usable-image' | 'too-long' | 'nothing-said',
    options?: ErrorOptions,
  ) {
    super('unanswerable', `The question cannot be answered: ${why}.`, options);
  }
}

/**
 * What a failure is to the asker: one plain sentence; undefined when the warnings say it all.
 * `begun` says that half an answer was already shown.
 */
export function failureSentence(error: unknown, words: Words, begun: boolean): string | undefined {
  if (error instanceof UnanswerableError) return unanswerableSentence(error.why, words);
  if (!(error instanceof ModelServerError)) return words.unexpected;
  if (begun) return words.brokenOff;
  switch (error.code) {
    case 'UNAVAILABLE':
    case 'LOADING':
    case 'DRAINING':
      return words.modelNotRunning;
    case 'QUEUE_FULL':
      return words.modelBusy(Math.ceil(error.retryAfterSeconds ?? 10));
    case 'DEADLINE_EXCEEDED':
      return words.modelTooSlow;
    case 'PROMPT_TOO_LONG':
      return words.questionTooLong;
    case 'INVALID_REQUEST':
    case 'INVALID_IMAGE':
      return words.modelRefused(error.violations[0]?.description ?? error.message);
    case 'IMAGE_NOT_CACHED':
    case 'CANCELLED':
    case 'INTERNAL':
      return words.brokenOff;
  }
}

/** True for failures that say nothing about the bot or the model server, and need not be logged. */
export function isExpected(error: unknown): boolean {
  return error instanceof UnanswerableError;
}

function unanswerableSentence(why: UnanswerableError['why'], words: Words): string | undefined {
  switch (why) {
    case 'nothing-asked':
      return words.nothingAsked;
    case 'no-image':
      return words.noImage;
    case 'no-usable-image':
      return undefined;
    case 'too-long':
      return words.questionTooLong;
    case 'nothing-said':
      return words.modelSaidNothing;
  }
}
