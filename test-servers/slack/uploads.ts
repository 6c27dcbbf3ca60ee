import { SlackApiError } from './api-error.js';
import type { StoredFile } from './records.js';
import { newId, type WorkspaceStore } from './store.js';

/**
 * Uploads by the app, in three steps: ask for an address, send the bytes there, complete the upload
 * (docs.slack.dev, files.getUploadURLExternal and files.completeUploadExternal).
 */
export class Uploads {
  private readonly begun = new Map<string, { name: string; length: number; content?: Buffer }>();

  constructor(private readonly store: WorkspaceStore) {}

  begin(name: string, length: number): string {
    const id = newId('F');
    this.begun.set(id, { name, length });
    return id;
  }

  /** @returns whether there is such an upload and the bytes are as many as announced. */
  receive(id: string, content: Buffer): boolean {
    const upload = this.begun.get(id);
    if (upload === undefined || upload.length !== content.length) return false;
    upload.content = content;
    return true;
  }

  complete(id: string): StoredFile {
    const upload = this.begun.get(id);
    if (upload?.content === undefined) throw new SlackApiError('file_not_found');
    this.begun.delete(id);
    const { name, content } = upload;
    return this.store.addFile(this.store.bot.id, { name, mimetype: 'application/octet-stream', content });
  }
}
