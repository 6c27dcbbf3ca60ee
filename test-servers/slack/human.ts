import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { KnownBlock } from '@slack/types';
import type { EventsApi } from './events.js';
import type { Interactions, ModalAnswers } from './interactions.js';
import type { OpenViews } from './open-views.js';
import type {
  Conversation,
  Disguise,
  Message,
  MessageAttachment,
  OpenView,
  Person,
  StoredFile,
} from './records.js';
import { visibleButtons } from './rendering.js';
import type { WorkspaceStore } from './store.js';

/** A file to share: a path, or a name with its bytes. */
export type FileToShare =
  | string
  | {
      readonly name: string;
      readonly content: Buffer;
      readonly mimetype?: string;
      readonly disguise?: Disguise;
    };

export interface Sharing {
  readonly text?: string;
  readonly files?: readonly FileToShare[];
  readonly attachments?: readonly MessageAttachment[];
  /** A message of the thread to post into. */
  readonly thread?: Message | { readonly ts: string; readonly threadTs?: string | undefined };
  /** Which of the two events a mention with files makes; both, when absent. */
  readonly arrivesOnlyAs?: 'app_mention' | 'message';
  readonly blocks?: readonly object[];
  readonly disguise?: Disguise;
}

export interface HumanLinks {
  readonly store: WorkspaceStore;
  readonly events: EventsApi;
  readonly interactions: Interactions;
  readonly views: OpenViews;
}

const mediaTypes: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.heic': 'image/heic',
  '.txt': 'text/plain',
};

/** A person at a Slack client. Everything resolves when Slack has told the app and heard its acknowledgement. */
export class Human {
  constructor(
    readonly person: Person,
    private readonly links: HumanLinks,
  ) {}

  get id(): string {
    return this.person.id;
  }

  /** Posts a message that names the app. */
  async mention(conversation: Conversation, sharing: Sharing = {}): Promise<Message> {
    const mention = `<@${this.links.store.bot.id}>`;
    return this.post(conversation, { ...sharing, text: `${mention} ${sharing.text ?? ''}`.trim() });
  }

  /** Posts a message without naming the app. */
  async post(conversation: Conversation, sharing: Sharing): Promise<Message> {
    const { store, events } = this.links;
    const message = store.addMessage({
      channel: conversation.id,
      author: this.id,
      text: sharing.text ?? '',
      files: (sharing.files ?? []).map((file) => this.upload(file)),
      attachments: sharing.attachments,
      blocks: sharing.blocks as readonly KnownBlock[] | undefined,
      disguise: sharing.disguise,
      threadTs: sharing.thread?.threadTs ?? sharing.thread?.ts,
    });
    await events.posted(message, sharing.arrivesOnlyAs);
    return message;
  }

  async directMessage(sharing: Sharing): Promise<Message> {
    return this.post(this.directMessages, sharing);
  }

  get directMessages(): Conversation {
    return this.links.store.directMessages(this.person);
  }

  async edit(message: Message, text: string): Promise<void> {
    const before = this.links.events.payload(message);
    message.edited = true;
    this.links.store.rewrite(message, text, message.blocks);
    await this.links.events.changed(message, before);
  }

  async deleteMessage(message: Message): Promise<void> {
    this.links.store.remove(message);
    await this.links.events.deleted(message);
  }

  /** Types a slash command. In a thread Slack refuses it itself. */
  async slash(conversation: Conversation, command: string, text = '', thread?: Message): Promise<void> {
    if (thread !== undefined) {
      this.links.interactions.commandInThread(this.person, conversation, command, thread.ts);
      return;
    }
    await this.links.interactions.command(this.person, conversation, command, text);
  }

  /** Chooses an entry of a message's menu, by the name it has there. */
  async shortcut(message: Message, name: string): Promise<void> {
    await this.links.interactions.messageShortcut(this.person, message, name);
  }

  async press(message: Message, label: string): Promise<void> {
    const button = visibleButtons(message).find((candidate) => candidate.label === label);
    if (button === undefined) {
      const shown = visibleButtons(message).map((candidate) => candidate.label);
      throw new Error(`The message has no button "${label}", only: ${shown.join(', ') || 'none'}.`);
    }
    await this.links.interactions.press(this.person, message, button);
  }

  /** The modal that is open on this person's screen. */
  get modal(): OpenView | undefined {
    return this.links.views.of(this.id);
  }

  /** @returns the errors the modal shows; none when it was accepted. */
  async submitModal(answers: {
    readonly text?: string;
    readonly files?: readonly FileToShare[];
  }): Promise<Record<string, string>> {
    const view = this.modal;
    if (view === undefined) throw new Error('No modal is open.');
    const files = (answers.files ?? []).map((file) => this.upload(file));
    const filled: ModalAnswers = answers.text === undefined ? { files } : { files, text: answers.text };
    return this.links.interactions.submit(this.person, view, filled);
  }

  /** Opens the conversation with the app. */
  async openMessages(): Promise<Conversation> {
    await this.links.events.homeOpened(this.id, this.directMessages.id, 'messages');
    return this.directMessages;
  }

  /** Presses Slack's own stop on a streaming message. */
  stopStream(message: Message): void {
    if (message.stream?.state !== 'streaming') throw new Error('The message is not streaming.');
    message.stream.state = 'stopped_by_user';
    this.links.store.announce();
  }

  private upload(file: FileToShare): StoredFile {
    const { name, content, mimetype, disguise } =
      typeof file === 'string'
        ? { name: basename(file), content: readFileSync(file), mimetype: undefined, disguise: undefined }
        : { mimetype: undefined, disguise: undefined, ...file };
    const guessed = mediaTypes[extname(name).toLowerCase()] ?? 'application/octet-stream';
    return this.links.store.addFile(this.id, { name, content, mimetype: mimetype ?? guessed, disguise });
  }
}
