import { CodedError } from '#libs/errors';
import type { ImageFault, ImageNotice } from '#libs/images';

/** Why an image could not be fetched or read. The asker reads a sentence for each of these. */
export type ImageProblem =
  | ImageFault
  | 'gone'
  | 'not-an-image'
  | 'too-large'
  | 'too-slow'
  | 'address-not-allowed'
  | 'no-access'
  /** The platform keeps it back until somebody pays. */
  | 'hidden-by-plan'
  | 'unreachable'
  /** For a reason that this version does not know. */
  | 'unreadable';

/** Something the asker should know about the answer. The words for it are in `words/`. */
export type Warning =
  | { readonly kind: 'image-skipped'; readonly name: string; readonly problem: ImageProblem }
  | { readonly kind: 'too-many-images'; readonly skipped: readonly string[]; readonly limit: number }
  /** Pictures of earlier questions stayed out of the prompt, as the model would take them for the one asked about. */
  | { readonly kind: 'earlier-images-left-out'; readonly limit: number }
  | { readonly kind: 'earlier-turns-dropped'; readonly turns: number }
  | { readonly kind: 'earlier-messages-unread'; readonly limit: number }
  | { readonly kind: 'replied-to-unreadable' }
  | { readonly kind: 'answer-cut-at-limit' }
  /** No picture was in the prompt: whatever the answer says of one is made up. */
  | { readonly kind: 'no-picture-looked-at' }
  /** So many frames of an animation, from its first to its last, were looked at. */
  | { readonly kind: 'stills-looked-at'; readonly name: string; readonly stills: number }
  | { readonly kind: 'image-notice'; readonly notice: ImageNotice };

/** An image that cannot be had; `load()` of an image reference throws it. */
export class ImageUnavailableError extends CodedError {
  constructor(
    readonly problem: ImageProblem,
    message: string,
    options?: ErrorOptions,
  ) {
    super('image-unavailable', message, options);
  }
}
