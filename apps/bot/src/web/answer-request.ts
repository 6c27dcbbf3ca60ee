import {
  type ChatMessage,
  type ImageReference,
  ImageUnavailableError,
  type Question,
  type Warning,
} from '../contract/index.js';
import type { ImageStore } from './image-store.js';
import type { AnswerRequest, NamedImage } from './protocol.js';

/** The longest alt text that common publishing systems take. */
const altTextLength = 1_000;

/** The digests of images that the page must upload before the question can be answered. */
export function findMissingImages(request: AnswerRequest, store: ImageStore): string[] {
  const digests = request.messages.flatMap(({ images }) => images.map(({ digest }) => digest));
  return [...new Set(digests)].filter((digest) => !store.get(digest));
}

/** The page's question in the terms of the core. */
export function questionOf(
  request: AnswerRequest,
  browser: string,
  maxMessages: number,
  store: ImageStore,
): Question {
  const left = request.messages.length - maxMessages;
  const unread: Warning[] = left > 0 ? [{ kind: 'earlier-messages-unread', limit: maxMessages }] : [];
  const messages = request.messages.slice(-maxMessages).map(
    ({ author, text, images, unfinished }, index, { length }): ChatMessage => ({
      id: `${request.id}:${index}`,
      author: author === 'user' ? { kind: 'user', id: browser } : { kind: 'bot' },
      text,
      images: images.map((image) => referToStored(image, store)),
      warnings: index === length - 1 ? unread : [],
      unfinished,
    }),
  );
  return {
    ...senderOf(browser, request.conversation, request.locale),
    id: request.id,
    conversation: `web:${request.conversation}`,
    wish: request.wish === 'chat' ? { kind: 'chat' } : { kind: 'alt-text', maxLength: altTextLength },
    readMessages: async () => messages,
    again: request.again,
  };
}

/** Whoever uses the page in a browser. */
export function senderOf(browser: string, conversation: string, locale: string) {
  return {
    platform: 'web',
    asker: { id: browser, roles: [], moderator: false },
    place: { channel: conversation, direct: true },
    locale,
  } as const;
}

export function referToStored({ digest, name }: NamedImage, store: ImageStore): ImageReference {
  return {
    name,
    origin: 'attachment',
    digest,
    async load() {
      const bytes = store.get(digest);
      if (!bytes) throw new ImageUnavailableError('gone', `${name} is no longer kept for the page.`);
      return bytes;
    },
  };
}
