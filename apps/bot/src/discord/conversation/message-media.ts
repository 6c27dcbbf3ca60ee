import {
  type Component,
  ContainerComponent,
  FileComponent,
  MediaGalleryComponent,
  type Message,
  SectionComponent,
  type Sticker,
  StickerFormatType,
  ThumbnailComponent,
} from 'discord.js';

/** A picture or file that a message shows by its components (Discord docs, Unfurled Media Item). */
export interface ShownMedia {
  readonly url: string;
  /** Where Discord's proxy has it. */
  readonly proxyURL: string | undefined;
  readonly contentType: string | undefined;
}

export type Components = readonly (Component | Message['components'][number])[];

/** The pictures of galleries, thumbnails and files, in the order in which they are shown. */
export function mediaIn(components: Components): ShownMedia[] {
  return components.flatMap((component) => {
    if (component instanceof ContainerComponent) return mediaIn(component.components);
    if (component instanceof SectionComponent) return mediaIn([component.accessory]);
    if (component instanceof MediaGalleryComponent)
      return component.items.map(({ media }) => readMedia(media));
    if (component instanceof ThumbnailComponent) return [readMedia(component.media)];
    if (component instanceof FileComponent) return [readMedia(component.file)];
    return [];
  });
}

function readMedia({ data }: { readonly data: object }): ShownMedia {
  const { url, proxy_url, content_type } = data as Record<string, string | undefined>;
  return { url: url ?? '', proxyURL: proxy_url, contentType: content_type };
}

/** Stickers that are pictures; the others are drawn by a program, Lottie (Discord docs, Sticker Format Types). */
export function isPicture({ format }: Sticker): boolean {
  return format !== StickerFormatType.Lottie;
}

export interface CustomEmoji {
  readonly id: string;
  readonly name: string;
  readonly animated: boolean;
}

const customEmoji = /<(a?):(\w{2,32}):(\d+)>/g;
const mention = /<(?:@[!&]?|#)\d+>/g;
/** A word for emoji in the languages of the bot. */
const wordForEmoji = /emoji|emote|smiley|smilie|表情/i;

/** The custom emoji that a message is about: its text is nothing else, or asks about them. */
export function findEmojiMeant(content: string): CustomEmoji[] {
  const words = content.replaceAll(customEmoji, '').replaceAll(mention, '').trim();
  if (words !== '' && !wordForEmoji.test(words)) return [];
  const found = [...content.matchAll(customEmoji)].map(
    ([, animated, name = '', id = '']) => [id, { id, name, animated: animated === 'a' }] as const,
  );
  return [...new Map(found).values()];
}

/** The text without the names of its custom emoji, for when they are looked at. */
export function withoutCustomEmoji(content: string): string {
  return content.replaceAll(customEmoji, '').trim();
}
