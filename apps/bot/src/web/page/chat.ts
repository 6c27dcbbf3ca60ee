import type { AnswerEvent, NamedImage } from '../protocol.js';

// What this browser keeps.

export interface Chat {
  readonly id: string;
  title: string;
  /** When its title was chosen; 0 for one that was taken from the first question. */
  renamed: number;
  updated: number;
  messages: Message[];
  /** The ids of messages that were taken out, which other tabs may still have. */
  removed: string[];
}

export type Message = Question | Answer;

interface AnyMessage {
  readonly id: string;
  /** The tab that wrote it. */
  readonly tab?: string;
  readonly begun: number;
  changed: number;
  text: string;
  readonly images: NamedImage[];
}

export interface Question extends AnyMessage {
  readonly author: 'user';
}

type Ending = Extract<AnswerEvent, { event: 'end' }>;

export interface Answer extends AnyMessage {
  readonly author: 'bot';
  state: 'thinking' | 'streaming' | Ending['state'];
  status?: string;
  notes: readonly string[];
  measured?: Ending['measured'];
  /** When a question that was refused can be asked again. */
  retryAt?: number;
}

/** Earlier versions of the page did not keep all of it. */
export interface StoredChat extends Omit<Chat, 'messages' | 'renamed' | 'removed'> {
  readonly messages: (Stored<Question> | Stored<Answer>)[];
  readonly renamed?: number;
  readonly removed?: string[];
}

type Stored<M extends Message> = Omit<M, 'id' | 'begun' | 'changed'> &
  Partial<Pick<M, 'id' | 'begun' | 'changed'>>;

export interface Picture extends NamedImage {
  readonly blob: Blob;
}
