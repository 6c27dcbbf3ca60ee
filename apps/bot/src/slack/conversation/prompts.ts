import { Injectable } from '@nestjs/common';
import { CodedError } from '#libs/errors';
import type { PromptImage } from '../reply/reply-record.js';
import { ConversationReader } from './conversation-reader.js';
import { SlackIdentity } from './identity.js';
import { MessageImages, type Viewer } from './message-images.js';
import type { SlackMessage } from './slack-message.js';

/** What a command's text says: where the image is, and the question about it. */
interface CommandText {
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
@Injectable()
export class PromptImages {
  constructor(
    private readonly identity: SlackIdentity,
    private readonly reader: ConversationReader,
    private readonly images: MessageImages,
  ) {}

  /** The images of a message that the asker sees. */
  findIn(message: SlackMessage): Promise<PromptImage[]> {
    return this.images.findForPrompt(message);
  }

  /** @throws LinkNotAllowedError, ImageUnavailableError */
  async findBehind(address: string, viewer: Viewer): Promise<PromptImage[]> {
    const link = parsePermalink(address, this.identity.workspaceHost);
    if (link === undefined) return [{ kind: 'link', url: address }];
    if (link.kind === 'file') {
      const file = await this.images.findFile(link.file, viewer);
      return [{ kind: 'file', file: file.id, name: file.name ?? file.id }];
    }
    if (!(await this.reader.mayRead(link.channel, viewer))) {
      throw new LinkNotAllowedError(`${viewer.user} may not read ${link.channel} by a link.`);
    }
    const message = await this.reader.readMessage(link.channel, link.ts, link.threadTs);
    if (message === undefined)
      throw new LinkNotAllowedError(`There is no message ${link.ts} in ${link.channel}.`);
    return this.images.findForPrompt(message);
  }
}

/** What a Slack link points at. */
type SlackLink =
  | { readonly kind: 'message'; readonly channel: string; readonly ts: string; readonly threadTs?: string }
  | { readonly kind: 'file'; readonly file: string };

/**
 * Reads a permalink of the own workspace: `/archives/C…/p1700000000000100` with `?thread_ts=…` for replies, or
 * `/files/U…/F…/name`. Links of other workspaces are ordinary web addresses, which the guarded fetch judges.
 */
export function parsePermalink(address: string, workspaceHost: string): SlackLink | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol !== 'https:' || url.host !== workspaceHost) return undefined;
  const message = /^\/archives\/([CDG][A-Z0-9]+)\/p(\d+)(\d{6})$/.exec(url.pathname);
  if (message !== null) {
    const [, channel = '', seconds = '', micros = ''] = message;
    const threadTs = url.searchParams.get('thread_ts');
    return {
      kind: 'message',
      channel,
      ts: `${seconds}.${micros}`,
      ...(threadTs === null ? {} : { threadTs }),
    };
  }
  const file = /^\/files\/[UW][A-Z0-9]+\/(F[A-Z0-9]+)(?:\/|$)/.exec(url.pathname)?.[1];
  return file === undefined ? undefined : { kind: 'file', file };
}
