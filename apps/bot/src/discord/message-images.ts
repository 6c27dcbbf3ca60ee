import type { Attachment, Embed, Message } from 'discord.js';

import { type ImageOrigin, type ImageReference, ImageUnavailableError } from '../chat/index.js';
import type { Settings } from '../config/settings.js';
import type { ImageFetcher } from '../images/image-fetcher.js';
import { imageLinksIn } from '../images/image-links.js';

/** Makes image references of what Discord messages and commands carry. */
export class MessageImages {
  constructor(
    private readonly settings: Settings,
    private readonly fetcher: ImageFetcher,
  ) {}

  /** Everything in a message that may be an image: its attachments, those it forwards, and pictures behind links. */
  of(message: Message, origin: ImageOrigin = 'attachment'): ImageReference[] {
    const snapshots = [...message.messageSnapshots.values()];
    const embeds = [...message.embeds, ...snapshots.flatMap(({ embeds }) => embeds)];
    const previewed = new Set(
      embeds.flatMap(({ url, image, thumbnail }) => [url, image?.url, thumbnail?.url]),
    );
    // The bot's own words lead nowhere: the model may have made the address up.
    const typed = message.author?.id === message.client.user.id ? [] : imageLinksIn(message.content);
    return [
      ...message.attachments.map((attachment) => this.ofAttachment(attachment, origin, message)),
      ...snapshots.flatMap(({ attachments }) =>
        attachments.map((attachment) => this.ofAttachment(attachment, 'forwarded', message)),
      ),
      ...embeds.flatMap((embed) => this.ofEmbed(embed)),
      ...typed.filter((address) => !previewed.has(address)).map((address) => this.ofLink(address, 'link')),
    ];
  }

  /** @param message where the attachment is, to read it again when its signed address has expired */
  ofAttachment(attachment: Attachment, origin: ImageOrigin, message?: Message): ImageReference {
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
          const fresh = expired && message && (await freshAddress(message, attachment.id));
          if (!fresh) throw error;
          return this.download(fresh, signal);
        }
      },
    };
  }

  private ofEmbed(embed: Embed): ImageReference[] {
    const picture = embed.image ?? embed.thumbnail;
    if (!picture) return [];
    // Discord's proxy has the picture as Discord saw it, so the page's own server is not asked again.
    const address = picture.proxyURL ?? picture.url;
    return [{ ...this.ofLink(address, 'embed'), name: picture.url }];
  }

  private ofLink(address: string, origin: ImageOrigin): ImageReference {
    return { name: address, origin, load: (signal) => this.fetcher.fetch(address, { signal }) };
  }

  private download(url: string, signal: AbortSignal): Promise<Uint8Array> {
    return this.fetcher.fetch(url, { signal, hosts: this.settings.config.discord.imageHosts });
  }
}

/** Addresses of attachments are signed for a day; reading the message gives new ones (Discord docs, Reference). */
async function freshAddress(message: Message, attachmentId: string): Promise<string | undefined> {
  const read = await message.fetch(true).catch(() => undefined);
  return read?.attachments.get(attachmentId)?.url;
}
