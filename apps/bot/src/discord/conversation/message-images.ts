import { Inject, Injectable } from '@nestjs/common';
import type { Attachment, Embed, Message, Sticker } from 'discord.js';
import type { BotConfig } from '../../config/bot-config.js';
import { BOT_CONFIG } from '../../config/settings.js';
import { type ImageOrigin, type ImageReference, ImageUnavailableError } from '../../contract/index.js';
import { ImageFetcher } from '../../images/image-fetcher.js';
import { findImageLinks } from '../../images/image-links.js';
import { findEmojiMeant, isPicture, mediaIn, type ShownMedia } from './message-media.js';

/** Makes image references of what Discord messages and commands carry. */
@Injectable()
export class MessageImages {
  constructor(
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'discord'>,
    private readonly fetcher: ImageFetcher,
  ) {}

  /** Everything in a message that may be an image, also what it forwards and what its links lead to. */
  find(message: Message, origin: ImageOrigin = 'attachment'): ImageReference[] {
    const snapshots = [...message.messageSnapshots.values()];
    const attached = [
      ...this.findAttached(message, origin, message),
      ...snapshots.flatMap((snapshot) => this.findAttached(snapshot, 'forwarded', message)),
    ];
    const embeds = [...message.embeds, ...snapshots.flatMap(({ embeds }) => embeds)];
    const previewed = new Set(
      embeds.flatMap(({ url, image, thumbnail }) => [url, image?.url, thumbnail?.url]),
    );
    // The bot's own words lead nowhere: the model may have made the address up.
    const typed = message.author?.id === message.client.user.id ? [] : findImageLinks(message.content);
    const found = [
      ...attached,
      ...embeds.flatMap((embed) => this.findInEmbed(embed)),
      ...typed
        .filter((address) => !previewed.has(address))
        .map((address) => this.referToLink(address, 'link')),
    ];
    return found.length > 0 || origin === 'channel' ? found : this.findEmoji(message, origin);
  }

  /** What one message holds itself. @param holder the message by which it can be read again */
  private findAttached(
    message: Pick<Message, 'attachments' | 'components' | 'stickers'>,
    origin: ImageOrigin,
    holder: Message,
  ): ImageReference[] {
    const attached = new Set([...message.attachments.values()].map(({ url }) => pathOf(url)));
    return [
      ...message.attachments.map((attachment) => this.referTo(attachment, origin, holder)),
      ...mediaIn(message.components)
        .filter(({ url }) => !attached.has(pathOf(url)))
        .map((media) => this.referToMedia(media, origin)),
      ...message.stickers.map((sticker) => this.referToSticker(sticker, origin)),
    ];
  }

  /** @param message where the attachment is, to read it again when its signed address has expired */
  referTo(attachment: Attachment, origin: ImageOrigin, message?: Message): ImageReference {
    return {
      name: attachment.name,
      origin,
      key: `discord:${attachment.id}`,
      bytes: attachment.size,
      ...(attachment.contentType && { contentType: attachment.contentType }),
      load: async (signal) => {
        try {
          return await this.download(attachment.url, signal);
        } catch (error) {
          const expired = error instanceof ImageUnavailableError && error.problem === 'gone';
          const fresh = expired && message && (await fetchFreshAddress(message, attachment.id));
          if (!fresh) throw error;
          return this.download(fresh, signal);
        }
      },
    };
  }

  private findInEmbed(embed: Embed): ImageReference[] {
    const picture = embed.image ?? embed.thumbnail;
    if (!picture) return [];
    // Discord's proxy has the picture as Discord saw it, so the page's own server is not asked again.
    const address = picture.proxyURL ?? picture.url;
    return [{ ...this.referToLink(address, 'embed'), name: picture.url }];
  }

  private referToMedia({ url, proxyURL, contentType }: ShownMedia, origin: ImageOrigin): ImageReference {
    return {
      ...this.referToLink(proxyURL ?? url, origin),
      name: nameIn(url),
      ...(contentType !== undefined && { contentType }),
    };
  }

  private referToSticker(sticker: Sticker, origin: ImageOrigin): ImageReference {
    if (isPicture(sticker)) {
      const load: ImageReference['load'] = (signal) => this.download(sticker.url, signal);
      return { name: sticker.name, origin, key: `discord:${sticker.id}`, load };
    }
    return {
      name: `${sticker.name} (Lottie)`,
      origin,
      load: async () => {
        throw new ImageUnavailableError('unreadable', 'A Lottie sticker is a program that draws.');
      },
    };
  }

  private findEmoji(message: Message, origin: ImageOrigin): ImageReference[] {
    return findEmojiMeant(message.content).map(({ id, name, animated }) => {
      const address = message.client.rest.cdn.emoji(id, { extension: animated ? 'gif' : 'png' });
      return {
        name: `:${name}:`,
        origin,
        key: `discord:${id}`,
        load: (signal) => this.download(address, signal),
      };
    });
  }

  private referToLink(address: string, origin: ImageOrigin): ImageReference {
    return { name: address, origin, load: (signal) => this.fetcher.fetch(address, { signal }) };
  }

  private download(url: string, signal: AbortSignal): Promise<Uint8Array> {
    return this.fetcher.fetch(url, { signal, hosts: this.config.discord.imageHosts });
  }
}

/** Addresses of attachments are signed for a day; reading the message gives new ones (Discord docs, Reference). */
async function fetchFreshAddress(message: Message, attachmentId: string): Promise<string | undefined> {
  const read = await message.fetch(true).catch(() => undefined);
  return read?.attachments.get(attachmentId)?.url;
}

/** An address without its signature. */
function pathOf(address: string): string {
  return address.split('?')[0] ?? address;
}

/** The file that an address names, as people read it where it is written by the rules. */
function nameIn(address: string): string {
  const name = pathOf(address).split('/').at(-1) || address;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
