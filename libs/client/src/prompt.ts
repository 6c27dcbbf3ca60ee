import { createHash } from 'node:crypto';

import type { Sampling, Segment } from '#libs/protocol';

/** An image of a prompt. Its bytes are loaded only when the server does not have it in its cache. */
export interface PromptImage {
  /** "sha256:" and 64 hexadecimal digits of the file's bytes; see `imageDigest`. */
  readonly digest: string;
  load(): Promise<Uint8Array>;
}

/** One part of a prompt. Text is only ever text: `<ImageHere>` or `</s>` in it have no meaning. */
export type PromptSegment =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Puts a begin-of-sequence token ahead of the text, as the first segment of a prompt always has one. */
      readonly beginsSequence?: boolean;
      /** Puts an end-of-sequence token after the text. */
      readonly endsSequence?: boolean;
    }
  | { readonly kind: 'image'; readonly image: PromptImage };

/** How the next token is chosen; what is left out takes the model's defaults (see `ModelInfo`). */
export type SamplingOptions = { readonly [Name in keyof Sampling]?: Sampling[Name] };

export interface GenerateRequest {
  readonly segments: readonly PromptSegment[];
  readonly sampling?: SamplingOptions;
  readonly maxNewTokens?: number;
  /** Before so many tokens were generated, neither the end-of-sequence token nor one of `stopTokenIds` is. */
  readonly minNewTokens?: number;
  /** Texts that end the reply and are not part of it. When left out, the model's template decides. */
  readonly stopSequences?: readonly string[];
  /** Ids of further tokens that end the reply. */
  readonly stopTokenIds?: readonly number[];
  /** Asks for the log-probability of each token, and of so many of the likeliest at its place. */
  readonly logprobs?: number;
}

/** The name by which the server knows an image file. */
export function imageDigest(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** An image whose bytes are at hand. */
export function imageFromBytes(bytes: Uint8Array): PromptImage {
  return { digest: imageDigest(bytes), load: async () => bytes };
}

/** How a prompt's images are sent: by name, which is cheap, or in full, which always works. */
export type ImageTransfer = 'digest' | 'bytes';

export async function wireSegments(
  segments: readonly PromptSegment[],
  transfer: ImageTransfer,
): Promise<Segment[]> {
  return Promise.all(
    segments.map(async (segment) => {
      if (segment.kind === 'text') {
        const { text, beginsSequence = false, endsSequence } = segment;
        return { content: { $case: 'text', value: text }, beginsSequence, endsSequence };
      }
      const { digest, load } = segment.image;
      const source =
        transfer === 'digest'
          ? ({ $case: 'digest', value: digest } as const)
          : ({ $case: 'data', value: viewOf(await load()) } as const);
      return { content: { $case: 'image', value: { source } }, beginsSequence: false };
    }),
  );
}

/** The same bytes as the generated messages want them, without a copy: images are large. */
export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
