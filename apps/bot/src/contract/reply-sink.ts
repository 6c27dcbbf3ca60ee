import { CodedError } from '#libs/errors';
/** What people can do with a reply. Adapters draw them as buttons. */
export type ReplyAction = 'stop' | 'regenerate' | 'feedback-up' | 'feedback-down';

/**
 * Where a reply stands.
 * - thinking: nothing to show yet; `status` says what is happening, such as a place in the queue
 * - streaming: the text is growing
 * - done
 * - stopped: by the asker, a moderator or the platform; the text is half an answer
 * - failed: `status` says why; the text is what had arrived before
 * - refused: nothing was asked of the model; `status` says why (not allowed, too fast). Adapters show it to the
 *   asker alone where they can
 */
export type ReplyState = 'thinking' | 'streaming' | 'done' | 'stopped' | 'failed' | 'refused';

/** One message of a reply as it should look now. */
export interface ReplyView {
  readonly state: ReplyState;
  /**
   * Markdown that is whole at every moment (open emphasis and fences are closed), at most `maxLength` long
   * without the status and the notes. Empty while thinking.
   */
  readonly text: string;
  /** A sentence of the bot itself in the asker's language, no part of the answer. */
  readonly status?: string;
  /** Short warnings and remarks below the text, in the asker's language, no part of the answer. */
  readonly notes: readonly string[];
  readonly actions: readonly ReplyAction[];
}

/** Sends replies as messages that are edited while they grow. */
export interface EditSink {
  readonly kind: 'edit';
  /** The most characters (UTF-16 units) of `text` in one message; longer answers go on in further messages. */
  readonly maxLength: number;
  /**
   * Milliseconds to leave between the end of one edit and the start of the next. Asked before every edit, so
   * that an adapter can follow the platform's rate-limit headers.
   */
  interval(): number;
  /**
   * Shows `view` as the `index`th message of the reply (0 is the first): posts it the first time, edits it after.
   * Resolves when the platform has accepted it. Calls never overlap.
   * @throws ReplyGoneError when the message was deleted or nothing more can be sent; the answer is then cancelled
   */
  show(index: number, view: ReplyView): Promise<void>;
}

/** How a streamed reply ended. */
export type ReplyEnding = Omit<ReplyView, 'state' | 'text'> & {
  readonly state: Exclude<ReplyState, 'thinking' | 'streaming'>;
  /** How fast a whole answer was. */
  readonly measured?: {
    /** From the question's turn to the end of the answer. */
    readonly seconds: number;
    /** Unknown for answers of a single token. */
    readonly tokensPerSecond?: number;
  };
  /** When a refused question may be asked again. */
  readonly retryAfterSeconds?: number;
};

/** Sends replies through a stream that the platform itself offers and that only grows. */
export interface AppendSink {
  readonly kind: 'append';
  /** The most characters (UTF-16 units) of one `piece`. */
  readonly maxLength: number;
  /** Milliseconds to leave between the end of one append and the start of the next. */
  interval(): number;
  /** Says what is happening before the first text. */
  showStatus(status: string): Promise<void>;
  /**
   * Appends text. `whole` is all text so far, `piece` included, for platforms that lose streams and must be sent
   * the text again.
   * @throws ReplyGoneError when the reader stopped the stream or nothing more can be sent
   */
  append(piece: string, whole: string): Promise<void>;
  /** Ends the reply; called once, also when nothing was appended. */
  finish(ending: ReplyEnding): Promise<void>;
}

export type ReplySink = EditSink | AppendSink;

/** The reply can go nowhere: its message was deleted, its stream was stopped, its channel is closed. */
export class ReplyGoneError extends CodedError {
  constructor(sentence: string, options?: ErrorOptions) {
    super('reply-gone', sentence, options);
  }
}
