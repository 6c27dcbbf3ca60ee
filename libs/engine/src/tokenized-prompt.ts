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
 * and the begin-of-sequence token comes ahead of everything, an image included; further ones, and end-of-sequence
 * tokens, come where a segment asks for them. Where a model begins after its images, as BLIP-2 with OPT does, the token
 * follows those that open the prompt.
 */
export function tokenizePrompt(segments: readonly Segment[], tokenizer: Tokenizer): TokenizedPart[] {
  const first = firstOfSequence(segments, tokenizer);
  const parts = segments.flatMap((segment, index): TokenizedPart[] => {
    const beginOfSequence = beginsSequence(segment, index, first);
    const end: TokenizedPart[] = segment.endsSequence
      ? [{ kind: 'text', tokenIds: [tokenizer.endOfSequence] }]
      : [];
    if (segment.kind === 'text') {
      const afterEnd = segments[index - 1]?.endsSequence;
      return [
        { kind: 'text', tokenIds: tokenizer.encode(segment.text, { beginOfSequence, afterEnd }) },
        ...end,
      ];
    }
    const { image } = segment;
    const part: TokenizedPart =
      image.kind === 'bytes'
        ? { kind: 'image', digest: imageDigestOf(image.bytes), bytes: image.bytes, segmentIndex: index }
        : { kind: 'image', digest: image.digest as ImageDigest, segmentIndex: index };
    const begin: TokenizedPart[] = beginOfSequence
      ? [{ kind: 'text', tokenIds: [tokenizer.beginOfSequence] }]
      : [];
    return [...begin, part, ...end];
  });
  return first < segments.length
    ? parts
    : [...parts, { kind: 'text', tokenIds: [tokenizer.beginOfSequence] }];
}

/** The segment that the first begin-of-sequence token precedes; past the last where that token ends the prompt. */
function firstOfSequence(segments: readonly Segment[], { beginsAfterImages }: Tokenizer): number {
  if (!beginsAfterImages) return 0;
  const first = segments.findIndex(({ kind }) => kind === 'text');
  return first < 0 ? segments.length : first;
}

const beginsSequence = (segment: Segment, index: number, first: number) =>
  index === first || segment.beginsSequence === true;

export function countPromptTokens(parts: readonly TokenizedPart[], tokensPerImage: number): number {
  return parts.reduce((sum, part) => sum + (part.kind === 'text' ? part.tokenIds.length : tokensPerImage), 0);
}

/** The tokens of each segment, with those that begin and end a sequence around it. Images need not be known. */
export function countSegmentTokens(
  segments: readonly Segment[],
  tokenizer: Tokenizer,
  tokensPerImage: number,
): TokenCount {
  const first = firstOfSequence(segments, tokenizer);
  const segmentTokens = segments.map((segment, index) => {
    const afterEnd = segments[index - 1]?.endsSequence;
    const own =
      segment.kind === 'text' ? tokenizer.encode(segment.text, { afterEnd }).length : tokensPerImage;
    return own + (beginsSequence(segment, index, first) ? 1 : 0) + (segment.endsSequence ? 1 : 0);
  });
  const after = first < segments.length ? 0 : 1;
  return { tokens: segmentTokens.reduce((sum, tokens) => sum + tokens, after), segmentTokens };
}

/** What a Q-Former that reads questions is told: all that is said in the prompt. */
export function questionOf(segments: readonly Segment[]): string {
  return segments.flatMap((segment) => (segment.kind === 'text' ? segment.text : [])).join(' ');
}
