import { z } from 'zod';

import {
  type ChatMessage,
  type ImageReference,
  ImageUnavailableError,
  type Question,
  type Warning,
} from '../chat/index.js';
import type { ImageStore } from './image-store.js';

const image = z.strictObject({
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  name: z.string().max(255),
});

/** What the page sends to have a question answered. */
export const answerRequest = z.strictObject({
  id: z.uuid(),
  conversation: z.uuid(),
  locale: z.string().max(35),
  wish: z.enum(['chat', 'alt-text']),
  /** True to have an answer replaced by another one. */
  again: z.boolean(),
  messages: z
    .array(
      z.strictObject({
        author: z.enum(['user', 'bot']),
        text: z.string().max(20_000),
        images: z.array(image).max(32),
        unfinished: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(500),
});

export type AnswerRequest = z.infer<typeof answerRequest>;

/** The longest alt text that common publishing systems take. */
const altTextLength = 1_000;

/** The digests of images that the page must upload before the question can be answered. */
export function missingImages(request: AnswerRequest, store: ImageStore): string[] {
  const digests = request.messages.flatMap(({ images }) => images.map(({ digest }) => digest));
  return [...new Set(digests)].filter((digest) => !store.get(digest));
}

/** The page's question in the terms of the core. */
export function questionOf(
  request: AnswerRequest,
  browser: string,
  mostMessages: number,
  store: ImageStore,
): Question {
  const left = request.messages.length - mostMessages;
  const unread: Warning[] = left > 0 ? [{ kind: 'earlier-messages-unread', limit: mostMessages }] : [];
  const messages = request.messages.slice(-mostMessages).map(
    ({ author, text, images, unfinished }, index, { length }): ChatMessage => ({
      id: `${request.id}:${index}`,
      author: author === 'user' ? { kind: 'user', id: browser } : { kind: 'bot' },
      text,
      images: images.map((image) => storedImage(image, store)),
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

export function storedImage(
  { digest, name }: { digest: string; name: string },
  store: ImageStore,
): ImageReference {
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
