import type { Warning } from './warning.js';

/** Where in a conversation an image was found. */
export type ImageOrigin = 'attachment' | 'replied-to' | 'forwarded' | 'embed' | 'thread' | 'channel' | 'link';

/**
 * Something that may be an image. Adapters list everything that is attached, also what is not an image:
 * the image finder decides, and says why it skipped one.
 */
export interface ImageReference {
  readonly name: string;
  readonly origin: ImageOrigin;
  /** The media type the platform declares, which is a hint: what counts is the content. */
  readonly contentType?: string;
  /** The size the platform declares, in bytes. */
  readonly bytes?: number;
  /** "sha256:" and 64 hexadecimal digits of the bytes, where the adapter knows them. */
  readonly digest?: string;
  /**
   * A name on the platform under which the bytes never change, such as "discord:" and the attachment's id. The core
   * remembers the digest by it, so that a follow-up question neither fetches nor sends the image again.
   */
  readonly key?: string;
  /**
   * Fetches the bytes.
   * @throws ImageUnavailableError with a reason that can be told to the asker
   */
  load(signal: AbortSignal): Promise<Uint8Array>;
}

/** Who wrote a message, as far as the model is concerned. */
export type Author = { readonly kind: 'user'; readonly id: string } | { readonly kind: 'bot' };

/** One message of a conversation, as every platform can tell it. */
export interface ChatMessage {
  /** The platform's id of the message. */
  readonly id: string;
  readonly author: Author;
  /**
   * What was said: of a user, without the mention of the bot; of the bot, the answer alone, without the notes,
   * the status and the cursor that its view added.
   */
  readonly text: string;
  readonly images: readonly ImageReference[];
  /** What the adapter could not read of this message. */
  readonly warnings: readonly Warning[];
  /** True for an answer of the bot that broke off: stopped, failed, or its process ended. */
  readonly unfinished?: boolean;
  /** True for a post of the bot that is no answer (an error, a refusal): it is no part of the conversation. */
  readonly notice?: boolean;
}
