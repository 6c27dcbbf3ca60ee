import { CodedError } from '#libs/errors';
import type { TokenizerJson } from '#libs/tokenizer';

const specialPieces = ['<unk>', '<s>', '</s>'];
const bytePieces = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
);

/** Letters that combine with nothing and need no normalisation: Han, Hangul, and Han of Unicode's second plane. */
const letterRanges: readonly (readonly [first: number, last: number])[] = [
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
  [0x20000, 0x2a6df],
];

/** The first piece that is a letter: special pieces and bytes come before it, as in LLaMA's vocabulary. */
export const FIRST_LETTER = specialPieces.length + bytePieces.length;

/**
 * The pieces of a vocabulary of this size in which every piece from {@link FIRST_LETTER} on is one letter, so that a
 * text of so many letters is so many tokens, and the text of tokens has the same tokens again.
 * @throws CodedError `conversion` when the size is out of range
 */
export function letterVocabulary(size: number): string[] {
  const letters = letterRanges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index)),
  );
  const pieces = [...specialPieces, ...bytePieces, ...letters];
  if (size <= FIRST_LETTER || size > pieces.length) {
    throw new CodedError(
      'conversion',
      `A vocabulary of letters can have ${FIRST_LETTER + 1} to ${pieces.length} pieces, not ${size}.`,
    );
  }
  return pieces.slice(0, size);
}

/** The `tokenizer.json` of {@link letterVocabulary}. */
export function letterTokenizerJson(size: number): TokenizerJson {
  const pieces = letterVocabulary(size);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialPieces.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: 'Sequence', normalizers: [] },
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, { type: 'Fuse' }] },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: '<unk>',
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
      merges: [],
    },
  };
}
