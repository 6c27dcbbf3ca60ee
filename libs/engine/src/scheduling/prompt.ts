import type { ImageDigest } from '../engine.js';

/**
 * What stands at one position of the context: a token id, or the image whose projection goes there, by its digest and,
 * where that is looked at with a question in mind, the question's ids. All positions of an image hold the same; as every
 * image takes the same number of positions, equal beginnings mean equal contents.
 */
export type ContextToken = number | ImageDigest | `${ImageDigest}?${string}`;

export type PromptPart =
  | { readonly kind: 'text'; readonly tokenIds: readonly number[] }
  | {
      readonly kind: 'image';
      readonly digest: ImageDigest;
      /** `[tokensPerImage, hidden]` */
      readonly projection: Float32Array;
      /** With which in mind the image was looked at; absent where that makes no difference. */
      readonly questionIds?: readonly number[];
    };

/** A run of positions of one part, as the decoder embeds it. */
export type PromptRun =
  | { readonly kind: 'text'; readonly tokenIds: readonly number[] }
  | {
      readonly kind: 'image';
      readonly projection: Float32Array;
      /** First of the image's positions in the run. */
      readonly start: number;
      readonly length: number;
    };

/** A prompt ready for the decoder: token ids and image projections in order. */
export class Prompt {
  readonly tokens: readonly ContextToken[];
  private readonly parts: readonly PromptPart[];
  private readonly tokensPerImage: number;

  constructor(parts: readonly PromptPart[], tokensPerImage: number) {
    this.parts = parts;
    this.tokensPerImage = tokensPerImage;
    this.tokens = parts.flatMap((part): readonly ContextToken[] =>
      part.kind === 'text' ? part.tokenIds : new Array<ContextToken>(tokensPerImage).fill(contextToken(part)),
    );
  }

  /** The same with text behind it. */
  followedBy(tokenIds: readonly number[]): Prompt {
    return new Prompt([...this.parts, { kind: 'text', tokenIds }], this.tokensPerImage);
  }

  /** The positions from `start` up to `end`, cut at the borders of text and images. */
  *runs(start: number, end: number): Generator<PromptRun> {
    let partStart = 0;
    for (const part of this.parts) {
      const partLength = part.kind === 'text' ? part.tokenIds.length : this.tokensPerImage;
      const first = Math.max(start - partStart, 0);
      const last = Math.min(end - partStart, partLength);
      if (first < last) {
        yield part.kind === 'text'
          ? { kind: 'text', tokenIds: part.tokenIds.slice(first, last) }
          : { kind: 'image', projection: part.projection, start: first, length: last - first };
      }
      partStart += partLength;
    }
  }
}

function contextToken({ digest, questionIds }: Extract<PromptPart, { kind: 'image' }>): ContextToken {
  return questionIds ? `${digest}?${questionIds.join()}` : digest;
}
