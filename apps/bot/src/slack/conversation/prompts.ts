import { CodedError } from '#libs/errors';
import type { PromptImage } from '../reply/reply-record.js';
import type { ConversationReader } from './conversation-reader.js';
import type { SlackIdentity } from './identity.js';
import type { MessageImages, Viewer } from './message-images.js';
import { parsePermalink } from './permalink.js';
import type { SlackMessage } from './slack-message.js';

/** What a command's text says: where the image is, and the question about it. */
export interface CommandText {
  readonly address: string | undefined;
  readonly question: string;
}

/** Reads `<URL or permalink> [question]`. Slack may have put the address into angle brackets. */
export function readCommandText(text: string): CommandText {
  const [, bracketed, plain, question = ''] =
    /^\s*(?:<(https?:\/\/[^>|]+)(?:\|[^>]*)?>|(https?:\/\/\S+))?\s*([\s\S]*)$/.exec(text) ?? [];
  return { address: bracketed ?? plain, question: question.trim() };
}

/** A link to a message that the asker may not read, or that is gone. */
export class LinkNotAllowedError extends CodedError {
  constructor(sentence: string, options?: ErrorOptions) {
    super('link-not-allowed', sentence, options);
  }
}

/** Finds the images that a command or shortcut names, in a form that is found again when the conversation goes on. */
export class PromptImages {
  constructor(
    private readonly identity: SlackIdentity,
    private readonly reader: ConversationReader,
    private readonly images: MessageImages,
  ) {}

  /** The images of a message that the asker sees. */
  of(message: SlackMessage): Promise<PromptImage[]> {
    return this.images.promptImages(message);
  }

  /** @throws LinkNotAllowedError, ImageUnavailableError */
  async behind(address: string, viewer: Viewer): Promise<PromptImage[]> {
    const link = parsePermalink(address, this.identity.workspaceHost);
    if (link === undefined) return [{ kind: 'link', url: address }];
    if (link.kind === 'file') {
      const file = await this.images.findFile(link.file, viewer);
      return [{ kind: 'file', file: file.id, name: file.name ?? file.id }];
    }
    if (!(await this.reader.mayRead(link.channel, viewer))) {
      throw new LinkNotAllowedError(`${viewer.user} may not read ${link.channel} by a link.`);
    }
    const message = await this.reader.message(link.channel, link.ts, link.threadTs);
    if (message === undefined)
      throw new LinkNotAllowedError(`There is no message ${link.ts} in ${link.channel}.`);
    return this.images.promptImages(message);
  }
}
