import { Inject, Injectable, Logger } from '@nestjs/common';
import { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { BotConfig } from '../../config/bot-config.js';
import type { Environment } from '../../config/environment.js';
import { BOT_CONFIG, ENVIRONMENT } from '../../config/settings.js';
import { type ImageOrigin, type ImageReference, ImageUnavailableError } from '../../contract/index.js';
import { ImageFetcher } from '../../images/image-fetcher.js';
import { callPatiently, errorCode } from '../reply/api-errors.js';
import type { PromptImage } from '../reply/reply-record.js';
import { CustomEmoji } from './custom-emoji.js';
import { type Picture, picturesIn } from './pictures.js';
import { type SlackFile, type SlackMessage, slackFile } from './slack-message.js';

const fileInfo = z.object({ file: slackFile });

/** Who wants to see a file, and where: people are not shown files of conversations they are not in. */
export interface Viewer {
  readonly user: string;
  readonly channel: string;
}

/** Makes image references of what Slack messages carry. */
@Injectable()
export class MessageImages {
  constructor(
    private readonly client: WebClient,
    @Inject(ENVIRONMENT) private readonly environment: Pick<Environment, 'SLACK_BOT_TOKEN'>,
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'slack'>,
    private readonly fetcher: ImageFetcher,
    private readonly emoji: CustomEmoji,
    private readonly logger: Logger,
  ) {}

  /** Finds everything in a message that may be an image. Emoji count if there is nothing else to see. */
  async find(message: SlackMessage): Promise<ImageReference[]> {
    const pictures = await this.complete(picturesIn(message));
    if (pictures.length === 0) return (await this.emoji.find(message)).map((url) => this.referToEmoji(url));
    return pictures.map((picture) =>
      picture.kind === 'file'
        ? this.referTo(picture.file, picture.origin)
        : this.referToLink(picture.url, picture.origin),
    );
  }

  /** Finds the same in a form that can be stored with the reply and read when the conversation goes on. */
  async findForPrompt(message: SlackMessage): Promise<PromptImage[]> {
    const pictures = await this.complete(picturesIn(message));
    if (pictures.length === 0) return (await this.emoji.find(message)).map((url) => ({ kind: 'link', url }));
    return pictures.map((picture) =>
      picture.kind === 'file'
        ? { kind: 'file', file: picture.file.id, name: picture.file.name ?? picture.file.id, shown: true }
        : { kind: 'link', url: picture.url },
    );
  }

  /** Asks Slack for files of which a message carries little but the id: those from other workspaces, and in blocks. */
  private complete(pictures: readonly Picture[]): Promise<Picture[]> {
    return Promise.all(
      pictures.map(async (picture) => {
        if (picture.kind === 'link' || !isIncomplete(picture.file)) return picture;
        const file = await this.fetchInfo(picture.file.id).catch(() => undefined);
        return file ? { ...picture, file } : picture;
      }),
    );
  }

  private referToEmoji(url: string): ImageReference {
    return { ...this.referToLink(url, 'embed'), key: `slack:emoji:${url}` };
  }

  referTo(file: SlackFile, origin: ImageOrigin): ImageReference {
    return {
      name: file.name ?? file.id,
      origin,
      ...(file.mimetype === undefined ? {} : { contentType: file.mimetype }),
      ...(file.size === undefined ? {} : { bytes: file.size }),
      key: fileKey(file.id),
      load: (signal) => this.download(file, signal),
    };
  }

  /** An address that a person typed, or that Slack found behind one: fetched through the guard. */
  referToLink(url: string, origin: ImageOrigin): ImageReference {
    return { name: url, origin, load: (signal) => this.fetcher.fetch(url, { signal }) };
  }

  referToPrompt(image: PromptImage, viewer: Viewer): ImageReference {
    if (image.kind === 'link') return this.referToLink(image.url, 'link');
    return {
      name: image.name,
      origin: 'attachment',
      key: fileKey(image.file),
      load: async (signal) => {
        const file = image.shown ? await this.fetchInfo(image.file) : await this.findFile(image.file, viewer);
        return this.download(file, signal);
      },
    };
  }

  /** @throws ImageUnavailableError when there is no such file or the viewer may not see it */
  async findFile(id: string, viewer: Viewer): Promise<SlackFile> {
    const file = await this.fetchInfo(id);
    const shares = [...file.channels, ...file.groups, ...file.ims];
    if (file.is_public || file.user === viewer.user || shares.includes(viewer.channel)) return file;
    throw new ImageUnavailableError(
      'no-access',
      `${id} was not shared with ${viewer.user} in ${viewer.channel}.`,
    );
  }

  private async fetchInfo(id: string): Promise<SlackFile> {
    try {
      return fileInfo.parse(await callPatiently(() => this.client.files.info({ file: id }))).file;
    } catch (error) {
      const problem = errorCode(error) === 'file_not_found' ? 'gone' : 'no-access';
      throw new ImageUnavailableError(problem, `Slack did not show the file ${id}.`, { cause: error });
    }
  }

  private async download(known: SlackFile, signal: AbortSignal): Promise<Uint8Array> {
    const file = isIncomplete(known) ? await this.fetchInfo(known.id) : known;
    if (file.mode === 'tombstone') throw new ImageUnavailableError('gone', `${file.id} was deleted.`);
    if (file.mode === 'hidden_by_limit')
      throw new ImageUnavailableError('hidden-by-plan', `${file.id} is hidden by the workspace's plan.`);
    const address = file.url_private_download ?? file.url_private;
    const hosts = this.config.slack.fileHosts;
    if (address === undefined)
      throw new ImageUnavailableError('no-access', `${file.id} comes without an address.`);
    if (!URL.canParse(address) || !hosts.includes(new URL(address).host)) {
      throw new ImageUnavailableError(
        'address-not-allowed',
        `${file.id} is kept outside Slack, at ${address}.`,
      );
    }
    const bytes = await this.fetchFromSlack(file, address, hosts, signal);
    if (isWebPage(bytes)) throw this.reportLoginPage(file);
    return bytes;
  }

  private async fetchFromSlack(
    file: SlackFile,
    address: string,
    hosts: readonly string[],
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    try {
      return await this.fetcher.fetch(address, {
        signal,
        hosts,
        authorization: `Bearer ${this.environment.SLACK_BOT_TOKEN}`,
      });
    } catch (error) {
      // The file's own host was fine, so Slack redirected to another: its login page.
      if (error instanceof ImageUnavailableError && error.problem === 'address-not-allowed') {
        throw this.reportLoginPage(file, error);
      }
      throw error;
    }
  }

  /** Without the scope Slack answers 200 with its login page, as if to a browser. */
  private reportLoginPage(file: SlackFile, cause?: Error): ImageUnavailableError {
    const message =
      `Slack answered with its login page instead of the file ${file.id}. Give the app the scope files:read ` +
      '(it is in apps/bot/slack-manifest.yaml) and install it to the workspace again.';
    this.logger.error(message);
    return new ImageUnavailableError('no-access', message, { cause });
  }
}

/** Files never change, so what is known of one stays true. */
function fileKey(id: string): string {
  return `slack:${id}`;
}

/** `{ id, mode: "file_access", file_access: "check_file_info" }`, or an id alone (Slack docs, "File object"). */
function isIncomplete(file: SlackFile): boolean {
  return (
    file.file_access === 'check_file_info' || (file.mode === undefined && file.url_private === undefined)
  );
}

function isWebPage(bytes: Uint8Array): boolean {
  const beginning = Buffer.from(bytes.subarray(0, 256)).toString('latin1').trimStart().toLowerCase();
  return beginning.startsWith('<!doctype html') || beginning.startsWith('<html');
}
