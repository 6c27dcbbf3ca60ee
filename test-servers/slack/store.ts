import { randomBytes } from 'node:crypto';
import type { KnownBlock } from '@slack/types';
import type {
  Conversation,
  ConversationKind,
  Disguise,
  Message,
  MessageAttachment,
  MessageMetadata,
  Person,
  StoredFile,
  Team,
} from './records.js';
import { visibleText } from './rendering.js';

export interface NewMessage {
  readonly channel: string;
  readonly author: string;
  readonly text: string;
  readonly threadTs?: string | undefined;
  readonly blocks?: readonly KnownBlock[] | undefined;
  readonly files?: readonly StoredFile[] | undefined;
  readonly attachments?: readonly MessageAttachment[] | undefined;
  readonly metadata?: MessageMetadata | undefined;
  readonly visibleTo?: string | undefined;
  readonly streamed?: boolean | undefined;
  readonly disguise?: Disguise | undefined;
}

const idLetters = 'ABCDEFGHJKLMNPQRSTUVWXYZ0123456789';

/** Everything the workspace holds, in the order it happened. Listeners hear of every change. */
export class WorkspaceStore {
  readonly team: Team = { id: newId('T'), domain: 'meadow', name: 'Meadow' };
  readonly bot: Person;
  readonly botId = newId('B');
  readonly appId = newId('A');
  readonly people = new Map<string, Person>();
  readonly conversations = new Map<string, Conversation>();
  readonly files = new Map<string, StoredFile>();
  /** The members of each user group, by the group's id. */
  readonly userGroups = new Map<string, ReadonlySet<string>>();
  /** The workspace's own emoji, by their names. */
  readonly emoji = new Map<string, string>();
  readonly messages: Message[] = [];
  private readonly listeners = new Set<() => void>();
  private lastTimestamp = 0;

  constructor(botName: string) {
    this.bot = this.addPerson({ name: botName, locale: 'en-US', isAdmin: false, isBot: true });
  }

  addPerson(person: Omit<Person, 'id'>): Person {
    const added = { id: newId('U'), ...person };
    this.people.set(added.id, added);
    return added;
  }

  addConversation(kind: ConversationKind, name: string, members: Iterable<string>): Conversation {
    const id = newId(kind === 'im' ? 'D' : kind === 'channel' ? 'C' : 'G');
    const conversation: Conversation = { id, name, kind, members: new Set(members) };
    this.conversations.set(id, conversation);
    return conversation;
  }

  /** The direct conversation of a person with the app, opened at its first use. */
  directMessages(person: Person): Conversation {
    for (const conversation of this.conversations.values()) {
      if (conversation.kind === 'im' && conversation.members.has(person.id)) return conversation;
    }
    return this.addConversation('im', person.name, [person.id, this.bot.id]);
  }

  addFile(owner: string, file: Omit<StoredFile, 'id' | 'owner' | 'created'>): StoredFile {
    const added = { id: newId('F'), owner, created: Math.floor(Date.now() / 1000), ...file };
    this.files.set(added.id, added);
    return added;
  }

  addMessage(message: NewMessage): Message {
    const blocks = message.blocks ?? [];
    const now = Date.now();
    const added: Message = {
      channel: message.channel,
      ts: this.nextTimestamp(),
      author: message.author,
      threadTs: message.threadTs,
      files: message.files ?? [],
      attachments: message.attachments ?? [],
      visibleTo: message.visibleTo,
      stream: message.streamed ? { state: 'streaming', startedAt: now, lastAppendAt: now } : undefined,
      text: message.text,
      blocks,
      metadata: message.metadata,
      deleted: false,
      edited: false,
      disguise: message.disguise,
      versions: [visibleText(message.text, blocks)],
    };
    this.messages.push(added);
    this.announce();
    return added;
  }

  rewrite(message: Message, text: string, blocks: readonly KnownBlock[], metadata = message.metadata): void {
    message.metadata = metadata;
    message.text = text;
    message.blocks = blocks;
    const visible = visibleText(text, blocks);
    if (visible !== message.versions.at(-1)) message.versions.push(visible);
    this.announce();
  }

  remove(message: Message): void {
    message.deleted = true;
    this.announce();
  }

  find(channel: string, ts: string): Message | undefined {
    return this.messages.find(
      (message) => message.channel === channel && message.ts === ts && !message.deleted,
    );
  }

  /** Messages of a conversation that its history lists: not the deleted and not the ephemeral ones. */
  history(channel: string): Message[] {
    return this.messages.filter(
      (message) => message.channel === channel && !message.deleted && message.visibleTo === undefined,
    );
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  announce(): void {
    for (const listener of this.listeners) listener();
  }

  /** Slack's `ts`: seconds and microseconds, unique and growing within the workspace. */
  private nextTimestamp(): string {
    this.lastTimestamp = Math.max(this.lastTimestamp + 1, Date.now() * 1000);
    const seconds = Math.floor(this.lastTimestamp / 1e6);
    return `${seconds}.${String(this.lastTimestamp % 1e6).padStart(6, '0')}`;
  }
}

export function newId(prefix: string): string {
  return prefix + [...randomBytes(10)].map((byte) => idLetters[byte % idLetters.length]).join('');
}
