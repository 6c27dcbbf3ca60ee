import type { Tokenizer } from '#libs/tokenizer';

import type { ImageDigest, Segment, TokenCount } from './engine.js';
import { imageDigestOf } from './image-digest.js';

export type TokenizedPart =
  | { readonly kind: 'text'; readonly tokenIds: readonly number[] }
  | {
      readonly kind: 'image';
      readonly digest: ImageDigest;
      readonly bytes?: Uint8Array;
      /** Its segment's place in the request. */
      readonly segmentIndex: number;
    };

/**
 * A prompt's token ids and images in order. As in MiniGPT-4's `get_context_emb`, each text is tokenised on its own
 * and the begin-of-sequence token comes once, ahead of everything, an image included.
 */
export function tokenizePrompt(segments: readonly Segment[], tokenizer: Tokenizer): TokenizedPart[] {
  const parts = segments.map((segment, index): TokenizedPart => {
    if (segment.kind === 'text') {
      return { kind: 'text', tokenIds: tokenizer.encode(segment.text, { beginOfSequence: index === 0 }) };
    }
    const { image } = segment;
    return image.kind === 'bytes'
      ? { kind: 'image', digest: imageDigestOf(image.bytes), bytes: image.bytes, segmentIndex: index }
      : { kind: 'image', digest: image.digest, segmentIndex: index };
  });
  return parts[0]?.kind === 'image'
    ? [{ kind: 'text', tokenIds: [tokenizer.beginOfSequence] }, ...parts]
    : parts;
}

export function countPromptTokens(parts: readonly TokenizedPart[], tokensPerImage: number): number {
  return parts.reduce((sum, part) => sum + (part.kind === 'text' ? part.tokenIds.length : tokensPerImage), 0);
}

/** The tokens of each segment; a begin-of-sequence token counts with the first. Images need not be known. */
export function countSegmentTokens(
  segments: readonly Segment[],
  tokenizer: Tokenizer,
  tokensPerImage: number,
): TokenCount {
  const segmentTokens = segments.map((segment, index) => {
    const own = segment.kind === 'text' ? tokenizer.encode(segment.text).length : tokensPerImage;
    return index === 0 ? own + 1 : own;
  });
  return { tokens: segmentTokens.reduce((sum, tokens) => sum + tokens, 0), segmentTokens };
}
