import type { ChatMessage, ImageReference } from './message.js';

export type Platform = 'discord' | 'slack' | 'web';

/** Who asks or presses a button. */
export interface Asker {
  /** The platform's user id; on the web, one per browser. */
  readonly id: string;
  readonly roles: readonly string[];
  /** May stop and regenerate answers to others. */
  readonly moderator: boolean;
}

/** Where a question was asked. Permissions and limits depend on it. */
export interface Place {
  /** Discord server or Slack workspace; none in a direct message of a user-installed app and on the web. */
  readonly server?: string;
  readonly channel: string;
  /** True for direct messages. */
  readonly direct: boolean;
}

/** What kind of answer is wanted. */
export type Wish =
  | { readonly kind: 'chat' }
  /** A short description for people who cannot see the image, made to be pasted. */
  | { readonly kind: 'alt-text'; readonly maxLength: number };

/** A question with everything that is needed to answer it: the chat is the database. */
export interface Question {
  readonly platform: Platform;
  /** The id of the asking message or interaction: stopping and deleting name it. */
  readonly id: string;
  /** The reply chain or thread; two answers of one conversation never run at the same time. */
  readonly conversation: string;
  readonly asker: Asker;
  readonly place: Place;
  /** BCP 47, as the platform reports it: "en-US", "de", "zh-CN". */
  readonly locale: string;
  readonly wish: Wish;
  /**
   * Reads the conversation up to and with the question, oldest first. Called when it is the
   * question's turn: an answer that was being written when it was asked is whole by then.
   */
  readonly readMessages: (signal: AbortSignal) => Promise<readonly ChatMessage[]>;
  /** Asked for only when no message of the conversation has an image. */
  readonly latestImage?: (signal: AbortSignal) => Promise<ImageReference | undefined>;
  /** True when an answer to the same question is to be replaced: another is then sampled. A failure is no answer. */
  readonly again?: boolean;
}
