import { CodedError } from '#libs/errors';
import {
  ModelType,
  type NormalizerSpec,
  type Piece,
  PieceType,
  parseSentencePieceModel,
  type SentencePieceModel,
} from './sentencepiece-model.js';
import {
  BEGIN_OF_SEQUENCE,
  END_OF_SEQUENCE,
  ESCAPED_SPACE,
  type SentencePieceTokenizerJson,
} from './tokenizer-json.js';

/** No text is longer, so this many leading spaces means all of them. */
const ALL_LEADING_SPACES = 2 ** 31 - 1;

/**
 * Converts a SentencePiece `tokenizer.model` (BPE with byte fallback, as LLaMA's) into a Hugging Face
 * `tokenizer.json` that encodes every text to the same ids.
 *
 * Its merges are a list, of which the first that fits is done first, wherever it stands in the text. SentencePiece goes
 * by score and, where scores are equal, from left to right, so pieces of equal score are refused. Its own training makes
 * none; some recipes that add the words of another language do.
 *
 * @throws CodedError `tokenizer-file` when the bytes are no such file, or one whose ids could not be reproduced.
 */
export function tokenizerJsonFromSentencePiece(bytes: Uint8Array): SentencePieceTokenizerJson {
  const model = parseSentencePieceModel(bytes);
  refuseWhatWouldEncodeDifferently(model);
  const { pieces, normalizer } = model;
  const unknown = pieces.find(({ type }) => type === PieceType.Unknown);
  if (!unknown)
    throw new CodedError('tokenizer-file', 'The SentencePiece model has no piece for unknown text.');

  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens(pieces),
    normalizer: { type: 'Sequence', normalizers: normalizers(normalizer) },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: ESCAPED_SPACE }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: leadingSpacesOfDecodedText(normalizer), stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: unknown.text,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(pieces.map(({ text }, id) => [text, id])),
      merges: merges(pieces),
    },
  };
}

function refuseWhatWouldEncodeDifferently({ pieces, trainer, normalizer }: SentencePieceModel): void {
  const refuse = (what: string): never => {
    throw new CodedError(
      'tokenizer-file',
      `The SentencePiece model ${what}. Only BPE models with byte fallback, as LLaMA's, can be converted exactly.`,
    );
  };
  if (trainer.modelType !== ModelType.Bpe) {
    refuse(`was trained as ${ModelType[trainer.modelType] ?? `type ${trainer.modelType}`}, not as BPE`);
  }
  if (!trainer.byteFallback) refuse('has no byte fallback');
  if (trainer.treatWhitespaceAsSuffix) refuse('puts spaces at the ends of words');
  if (normalizer.precompiledCharsmap.length > 0) {
    refuse(`replaces characters by the rules "${normalizer.name}" before it encodes`);
  }
  if (!normalizer.escapeWhitespaces) refuse('does not escape spaces');

  const convertible = [PieceType.Normal, PieceType.Unknown, PieceType.Control, PieceType.Byte];
  const other = pieces.find(({ type }) => !convertible.includes(type));
  if (other) {
    refuse(`has the piece "${other.text}" of the type ${PieceType[other.type] ?? other.type}`);
  }
  const names = new Set(pieces.map(({ text }) => text));
  if (names.size < pieces.length) refuse('holds the same piece twice');
  const tied = findTie(pieces);
  if (tied) {
    refuse(
      `gives "${tied[0].text}" and "${tied[1].text}" the same score ${tied[0].score}, between which the place in the text decides`,
    );
  }
  for (let byte = 0; byte < 256; byte++) {
    if (!names.has(bytePiece(byte))) refuse(`lacks the byte piece ${bytePiece(byte)}`);
  }
  for (const control of [BEGIN_OF_SEQUENCE, END_OF_SEQUENCE]) {
    if (!pieces.some(({ text, type }) => text === control && type === PieceType.Control)) {
      refuse(`lacks the control piece ${control}`);
    }
  }
}

/**
 * Two pieces of equal score that a list of merges may put together in another order than SentencePiece. Single
 * characters are put together from nothing, and runs of one character (of spaces, say) come out the same in any order.
 */
function findTie(pieces: readonly Piece[]): readonly [Piece, Piece] | undefined {
  const firstOfScore = new Map<number, Piece>();
  const isRun = ({ text }: Piece) => new Set(text).size === 1;
  for (const piece of pieces) {
    if (piece.type !== PieceType.Normal || [...piece.text].length === 1) continue;
    const first = firstOfScore.get(piece.score);
    if (!first) firstOfScore.set(piece.score, piece);
    else if (!(isRun(first) && isRun(piece) && first.text[0] === piece.text[0])) return [first, piece];
  }
  return undefined;
}

function bytePiece(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
}

function specialTokens(pieces: readonly Piece[]): SentencePieceTokenizerJson['added_tokens'] {
  return pieces.flatMap(({ text, type }, id) =>
    type === PieceType.Control || type === PieceType.Unknown
      ? [
          {
            id,
            content: text,
            single_word: false,
            lstrip: false,
            rstrip: false,
            normalized: false,
            special: true,
          } as const,
        ]
      : [],
  );
}

/**
 * The steps of SentencePiece's normalizer.cc, in its order. Runs are matched from their first character on
 * only, so that a long one takes linear time.
 */
function normalizers(spec: NormalizerSpec): SentencePieceTokenizerJson['normalizer']['normalizers'] {
  const replace = (pattern: { Regex: string } | { String: string }, content: string) =>
    ({ type: 'Replace', pattern, content }) as const;
  const always = [
    ...(spec.addDummyPrefix ? [{ type: 'Prepend', prepend: ESCAPED_SPACE } as const] : []),
    replace({ String: ' ' }, ESCAPED_SPACE),
  ];
  if (!spec.removeExtraWhitespaces) return always;
  return [
    replace({ Regex: '\\A +' }, ''),
    replace({ Regex: ' {2,}' }, ' '),
    ...always,
    replace({ Regex: `(?<!${ESCAPED_SPACE})${ESCAPED_SPACE}+\\z` }, ''),
  ];
}

/** As sentencepiece_processor.cc, `Decode`: what the normalizer put or removed there. */
function leadingSpacesOfDecodedText(spec: NormalizerSpec): number {
  if (spec.removeExtraWhitespaces) return ALL_LEADING_SPACES;
  return spec.addDummyPrefix ? 1 : 0;
}

/**
 * SentencePiece merges any two neighbours that form a piece together, the best scoring piece first; a list of
 * merges names the neighbours. They are pieces themselves, or single characters, which need not be.
 */
function merges(pieces: readonly Piece[]): [string, string][] {
  const mergeable = pieces.filter(({ type }) => type === PieceType.Normal);
  const names = new Set(mergeable.map(({ text }) => text));
  const canStandAlone = (text: string) => names.has(text) || [...text].length === 1;

  return mergeable
    .toSorted((a, b) => b.score - a.score)
    .flatMap(({ text }) =>
      splits(text).filter(([left, right]) => canStandAlone(left) && canStandAlone(right)),
    );
}

/** Every way to cut a text in two between characters. */
function splits(text: string): [string, string][] {
  const characters = [...text];
  return characters
    .slice(1)
    .map((_, index) => [characters.slice(0, index + 1).join(''), characters.slice(index + 1).join('')]);
}
