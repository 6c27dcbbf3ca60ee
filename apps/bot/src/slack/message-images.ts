import type { Logger } from '@nestjs/common';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { type ImageOrigin, type ImageReference, ImageUnavailableError } from '../chat/index.js';
import type { Settings } from '../config/settings.js';
import type { ImageFetcher } from '../images/image-fetcher.js';
import { imageLinksIn } from '../images/image-links.js';
import { decodeEntities } from './incoming-text.js';
import { errorCode, patiently } from './replies/api-errors.js';
import type { PromptImage } from './reply-record.js';
import { type SlackFile, type SlackMessage, slackFile } from './slack-message.js';

const fileInfo = z.object({ file: slackFile });

/** Who wants to see a file, and where: people are not shown files of conversations they are not in. */
export interface Viewer {
  readonly user: string;
  readonly channel: string;
}

/** Makes image references of what Slack messages carry. */
export class MessageImages {
  constructor(
    private readonly client: WebClient,
    private readonly token: string,
    private readonly settings: Settings,
    private readonly fetcher: ImageFetcher,
    private readonly logger: Logger,
  ) {}

  /** Everything in a message that may be an image: its files, those of messages shared into it, pictures behind links. */
  of(message: SlackMessage): ImageReference[] {
    return [
      ...message.files.map((file) => this.ofFile(file, 'attachment')),
      ...message.attachments.flatMap((attachment) => [
        ...attachment.files.map((file) => this.ofFile(file, 'forwarded')),
        ...unfurledImages(attachment).map((url) => this.ofLink(url, 'embed')),
      ]),
      ...typedLinks(message).map((url) => this.ofLink(url, 'link')),
    ];
  }

  ofFile(file: SlackFile, origin: ImageOrigin): ImageReference {
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
  ofLink(url: string, origin: ImageOrigin): ImageReference {
    return { name: url, origin, load: (signal) => this.fetcher.fetch(url, { signal }) };
  }

  ofPrompt(image: PromptImage, viewer: Viewer): ImageReference {
    if (image.kind === 'link') return this.ofLink(image.url, 'link');
    return {
      name: image.name,
      origin: 'attachment',
      key: fileKey(image.file),
      load: async (signal) => this.download(await this.findFile(image.file, viewer), signal),
    };
  }

  /** @throws ImageUnavailableError when there is no such file or the viewer may not see it */
  async findFile(id: string, viewer: Viewer): Promise<SlackFile> {
    const { file } = fileInfo.parse(await this.describe(id));
    const shares = [...file.channels, ...file.groups, ...file.ims];
    if (file.is_public || file.user === viewer.user || shares.includes(viewer.channel)) return file;
    throw new ImageUnavailableError(
      'no-access',
      `${id} was not shared with ${viewer.user} in ${viewer.channel}.`,
    );
  }

  private async describe(id: string): Promise<unknown> {
    try {
      return await patiently(() => this.client.files.info({ file: id }));
    } catch (error) {
      const problem = errorCode(error) === 'file_not_found' ? 'gone' : 'no-access';
      throw new ImageUnavailableError(problem, `Slack did not show the file ${id}.`, { cause: error });
    }
  }

  private async download(file: SlackFile, signal: AbortSignal): Promise<Uint8Array> {
    if (file.mode === 'tombstone') throw new ImageUnavailableError('gone', `${file.id} was deleted.`);
    const address = file.url_private_download ?? file.url_private;
    const hosts = this.settings.config.slack.fileHosts;
    if (address === undefined)
      throw new ImageUnavailableError('no-access', `${file.id} comes without an address.`);
    if (!URL.canParse(address) || !hosts.includes(new URL(address).host)) {
      throw new ImageUnavailableError(
        'address-not-allowed',
        `${file.id} is kept outside Slack, at ${address}.`,
      );
    }
    const bytes = await this.fetchFromSlack(file, address, hosts, signal);
    if (isWebPage(bytes)) throw this.loginPage(file);
    return bytes;
  }

  private async fetchFromSlack(
    file: SlackFile,
    address: string,
    hosts: readonly string[],
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    try {
      return await this.fetcher.fetch(address, { signal, hosts, authorization: `Bearer ${this.token}` });
    } catch (error) {
      // The file's own host was fine, so Slack redirected to another: its login page.
      if (error instanceof ImageUnavailableError && error.problem === 'address-not-allowed') {
        throw this.loginPage(file, error);
      }
      throw error;
    }
  }

  /** Without the scope Slack answers 200 with its login page, as if to a browser. */
  private loginPage(file: SlackFile, cause?: Error): ImageUnavailableError {
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

function unfurledImages({ image_url, thumb_url }: SlackMessage['attachments'][number]): string[] {
  const url = image_url ?? thumb_url;
  return url === undefined ? [] : [url];
}

/** Addresses of images that Slack has not unfurled, which it does only after the message was sent. */
export function typedLinks({ text, attachments }: SlackMessage): string[] {
  const unfurled = new Set(
    attachments.flatMap(({ from_url, image_url, thumb_url }) => [from_url, image_url, thumb_url]),
  );
  return imageLinksIn(decodeEntities(text)).filter(
    (address) => !unfurled.has(address) && !new URL(address).hostname.endsWith('.slack.com'),
  );
}

function isWebPage(bytes: Uint8Array): boolean {
  const beginning = Buffer.from(bytes.subarray(0, 256)).toString('latin1').trimStart().toLowerCase();
  return beginning.startsWith('<!doctype html') || beginning.startsWith('<html');
}
