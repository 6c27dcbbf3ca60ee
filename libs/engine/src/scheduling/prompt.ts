import type { ImageDigest } from '../engine.js';

/**
 * What stands at one position of the context: a token id, or the image whose projection goes there. All positions of
 * an image hold its digest; as every image takes the same number of positions, equal beginnings mean equal contents.
 */
export type ContextToken = number | ImageDigest;

export type PromptPart =
  | { readonly kind: 'text'; readonly tokenIds: readonly number[] }
  /** `projection` is `[tokensPerImage, hidden]`. */
  | { readonly kind: 'image'; readonly digest: ImageDigest; readonly projection: Float32Array };

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
      part.kind === 'text' ? part.tokenIds : new Array<ContextToken>(tokensPerImage).fill(part.digest),
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
