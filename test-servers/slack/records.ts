import type { KnownBlock } from '@slack/types';

/** What the workspace holds. Ids have Slack's prefixes: T team, U user, C channel, G group, D direct message, F file. */
export interface Team {
  readonly id: string;
  readonly domain: string;
  readonly name: string;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly locale: string;
  readonly isAdmin: boolean;
  readonly isBot: boolean;
  /** The id of the app's bot, which messages of bots carry beside their user. */
  readonly botId?: string;
}

export type ConversationKind = 'channel' | 'group' | 'im' | 'mpim';

export interface Conversation {
  readonly id: string;
  readonly name: string;
  readonly kind: ConversationKind;
  readonly members: Set<string>;
  /** The code that every message to it is refused with, such as `is_archived` or `restricted_action`. */
  refuses?: string | undefined;
}

/** What other programs make of a message or file as Slack delivers it. */
export type Disguise = (payload: Record<string, unknown>) => unknown;

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly mimetype: string;
  readonly owner: string;
  readonly created: number;
  content: Buffer;
  /** How messages carry it, where that differs: files of other workspaces and those that the plan hides. */
  readonly disguise?: Disguise | undefined;
}

/** The life of a message written with chat.startStream. */
export interface StreamState {
  state: 'streaming' | 'finished' | 'stopped_by_user';
  readonly startedAt: number;
  lastAppendAt: number;
}

export interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly author: string;
  readonly threadTs: string | undefined;
  readonly files: readonly StoredFile[];
  attachments: readonly MessageAttachment[];
  /** Set for ephemeral messages: the only person who sees it. */
  readonly visibleTo: string | undefined;
  readonly stream: StreamState | undefined;
  text: string;
  blocks: readonly KnownBlock[];
  metadata: MessageMetadata | undefined;
  deleted: boolean;
  edited: boolean;
  readonly disguise: Disguise | undefined;
  /** Everything the message has said, in order, as a person saw it. */
  readonly versions: string[];
}

/** What an app hides in its message, for itself (docs.slack.dev, "Message metadata"). */
export interface MessageMetadata {
  readonly event_type: string;
  readonly event_payload: Readonly<Record<string, unknown>>;
}

/** The part of an unfurled link or a shared message that carries an image. */
export interface MessageAttachment {
  readonly image_url?: string;
  readonly from_url?: string;
  readonly fallback?: string;
  readonly is_msg_unfurl?: boolean;
  readonly is_share?: boolean;
  readonly channel_id?: string;
  readonly ts?: string;
  readonly files?: readonly Record<string, unknown>[];
  readonly blocks?: readonly Record<string, unknown>[];
}

export interface OpenView {
  readonly id: string;
  readonly viewer: string;
  readonly callbackId: string;
  readonly privateMetadata: string;
  readonly title: string;
  readonly blocks: readonly KnownBlock[];
}
