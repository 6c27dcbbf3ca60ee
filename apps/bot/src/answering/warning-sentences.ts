import { formatNames, type ImageFault, type ImageNotice } from '#libs/images';
import type { ImageProblem, Warning } from '../contract/warning.js';
import type { Words } from '../words/index.js';

/** A warning in the asker's language. */
export function warningSentence(warning: Warning, words: Words): string {
  switch (warning.kind) {
    case 'image-skipped':
      return imageSentence(warning.name, warning.problem, words);
    case 'too-many-images':
      return words.tooManyImages(warning.limit, warning.skipped.join(', '));
    case 'earlier-images-left-out':
      return words.earlierImagesLeftOut(warning.limit);
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
    case 'stills-looked-at':
      return words.stillsLookedAt(warning.name, warning.stills);
    case 'image-notice':
      return noticeSentence(warning.notice, words);
  }
}

/** Why an image was skipped. */
export function imageSentence(name: string, problem: ImageProblem, words: Words): string {
  if (typeof problem !== 'string') return faultSentence(name, problem, words);
  switch (problem) {
    case 'gone':
      return words.imageGone(name);
    case 'not-an-image':
      return words.imageNotAnImage(name);
    case 'too-large':
      return words.imageTooLarge(name);
    case 'too-slow':
      return words.imageTooSlow(name);
    case 'address-not-allowed':
      return words.imageAddressNotAllowed(name);
    case 'no-access':
      return words.imageNoAccess(name);
    case 'hidden-by-plan':
      return words.imageHiddenByPlan(name);
    case 'unreachable':
      return words.imageUnreachable(name);
    case 'unreadable':
      return words.imageUnreadable(name);
  }
}

function faultSentence(name: string, fault: ImageFault, words: Words): string {
  switch (fault.code) {
    case 'empty':
      return words.imageEmpty(name);
    case 'not-an-image':
      return words.imageNotAnImage(name);
    case 'unsupported-format':
      return words.imageUnsupportedFormat(name, formatNames[fault.format]);
    case 'unsupported-kind':
      return words.imageUnsupportedKind(name, words.imageKinds[fault.kind]);
    case 'damaged':
      return words.imageDamaged(name);
    case 'too-many-pixels':
    case 'sides-too-long':
      return words.imageTooManyPixels(name, fault.width, fault.height);
    case 'too-costly':
      return words.imageTooCostly(name);
  }
}

function noticeSentence(notice: ImageNotice, words: Words): string {
  switch (notice) {
    case 'first-frame-only':
      return words.firstFrameOnly;
    case 'first-page-only':
      return words.firstPageOnly;
    case 'partly-damaged':
      return words.partlyDamaged;
    case 'brightened':
      return words.brightened;
    case 'values-spread':
      return words.valuesSpread;
    case 'all-black':
      return words.allBlack;
  }
}
