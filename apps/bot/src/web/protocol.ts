import { z } from 'zod';

import type { ReplyEnding } from '../contract/reply-sink.js';
import type { Words } from '../words/english.js';

// What the page and the bot say to each other, once for both. The page takes only types from here.

/** What the page is told when it is opened. */
export interface PageSettings {
  readonly locale: string;
  readonly words: Words['page'];
  readonly maxImages: number;
  readonly maxImageBytes: number;
  readonly maxMessages: number;
}

/** What the page shows of the model that answers. */
export interface ShownModel {
  readonly name: string;
  readonly description: string;
  readonly device: string;
  readonly quantization: string;
  /** How many pictures of one question it tells apart. */
  readonly distinctImages: number;
}

const namedImage = z.strictObject({
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  name: z.string().max(255),
});

/** A picture by the digest of its content, and its file's name. */
export type NamedImage = z.infer<typeof namedImage>;

/** What became of a picture that the page sent ahead of its question. */
export interface UploadedImage {
  readonly digest: string;
  /** Why it cannot be used, if it cannot. */
  readonly refused?: string;
}

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
        images: z.array(namedImage).max(32),
        unfinished: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(500),
});

export type AnswerRequest = z.infer<typeof answerRequest>;

/** The answer with status 409: the digests of pictures that must be sent first. */
export interface MissingImages {
  readonly missing: readonly string[];
}

/** What the page receives of an answer, one JSON object a line. */
export type AnswerEvent =
  | { readonly event: 'status'; readonly status: string }
  | { readonly event: 'text'; readonly text: string }
  | ({ readonly event: 'end' } & ReplyEnding);

export const feedbackRequest = z.strictObject({ vote: z.enum(['up', 'down']) });

export type FeedbackRequest = z.infer<typeof feedbackRequest>;
