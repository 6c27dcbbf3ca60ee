import type { Words } from '../words/index.js';
import type { ImageProblem, Warning } from './warning.js';

/** A warning in the asker's language. */
export function warningSentence(warning: Warning, words: Words): string {
  switch (warning.kind) {
    case 'image-skipped':
      return imageSentence(warning.name, warning.problem, words);
    case 'too-many-images':
      return words.tooManyImages(warning.limit, warning.skipped.join(', '));
    case 'earlier-turns-dropped':
      return words.earlierTurnsDropped;
    case 'earlier-messages-unread':
      return words.earlierMessagesUnread(warning.limit);
    case 'replied-to-unreadable':
      return words.repliedToUnreadable;
    case 'answer-cut-at-limit':
      return words.answerCutAtLimit;
    case 'no-picture-looked-at':
      return words.noPictureLookedAt;
    case 'first-frame-only':
      return words.firstFrameOnly;
    case 'model-notice':
      return warning.text;
  }
}

/** Why an image was skipped. */
export function imageSentence(name: string, problem: ImageProblem, words: Words): string {
  switch (problem) {
    case 'gone':
      return words.imageGone(name);
    case 'not-an-image':
      return words.imageNotAnImage(name);
    case 'unsupported-format':
      return words.imageUnsupportedFormat(name);
    case 'broken':
      return words.imageBroken(name);
    case 'too-large':
      return words.imageTooLarge(name);
    case 'too-slow':
      return words.imageTooSlow(name);
    case 'address-not-allowed':
      return words.imageAddressNotAllowed(name);
    case 'no-access':
      return words.imageNoAccess(name);
    case 'unreachable':
      return words.imageUnreachable(name);
  }
}
