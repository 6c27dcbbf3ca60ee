/** A conversation as its people saw it, taken from the messages that a platform's server kept. */
export interface Recording {
  readonly place: string;
  readonly messages: readonly RecordedMessage[];
}

export interface RecordedMessage {
  readonly author: string;
  readonly isBot: boolean;
  /** A line above the message that says what it belongs to. */
  readonly above?: string | undefined;
  readonly lines: readonly RecordedLine[];
  /** PNG files. */
  readonly pictures: readonly Buffer[];
  readonly buttons: readonly string[];
  /** How often the message changed while people looked at it. */
  readonly edits: number;
  readonly onlyVisibleTo?: string | undefined;
}

export interface RecordedLine {
  readonly kind: 'said' | 'remark';
  readonly text: string;
}
