import type { Message } from './records.js';
import { visibleButtons } from './rendering.js';
import type { WorkspaceStore } from './store.js';

/** One message as people see it in a conversation. */
export interface TranscriptLine {
  readonly author: string;
  readonly text: string;
  /** Everything the message said before, and what it says now. */
  readonly versions: readonly string[];
  readonly buttons: readonly string[];
  readonly files: readonly string[];
  readonly inThread: boolean;
  readonly deleted: boolean;
  /** Set when only this person sees it. */
  readonly onlyFor: string | undefined;
  readonly message: Message;
}

/** What people saw in a conversation, in order, with every edit. */
export function transcriptOf(store: WorkspaceStore, channel: string): TranscriptLine[] {
  const nameOf = (id: string) => store.people.get(id)?.name ?? (id === 'USLACKBOT' ? 'Slackbot' : id);
  return store.messages
    .filter((message) => message.channel === channel)
    .map((message) => ({
      author: nameOf(message.author),
      text: message.versions.at(-1) ?? '',
      versions: message.versions,
      buttons: visibleButtons(message).map((button) => button.label),
      files: message.files.map((file) => file.name),
      inThread: message.threadTs !== undefined,
      deleted: message.deleted,
      onlyFor: message.visibleTo === undefined ? undefined : nameOf(message.visibleTo),
      message,
    }));
}

/** The transcript as text, for error messages and recordings. */
export function printTranscript(lines: readonly TranscriptLine[]): string {
  return lines
    .map((line) => {
      const remarks = [
        line.inThread ? 'in thread' : '',
        line.onlyFor === undefined ? '' : `only for ${line.onlyFor}`,
        line.deleted ? 'deleted' : '',
        line.files.length > 0 ? `files: ${line.files.join(', ')}` : '',
        line.buttons.length > 0 ? `buttons: ${line.buttons.join(', ')}` : '',
        line.versions.length > 1 ? `${line.versions.length - 1} edits` : '',
      ].filter((remark) => remark !== '');
      return `${line.author}${remarks.length > 0 ? ` (${remarks.join('; ')})` : ''}: ${line.text}`;
    })
    .join('\n');
}
