import { CodedError } from '#libs/errors';

/** Around every text, and what stands for a word of unknown pieces. */
const BEGINNING = '[CLS]';
const END = '[SEP]';
const UNKNOWN = '[UNK]';

/** Before a piece that goes on with a word. */
const CONTINUATION = '##';
/** In characters; a longer word is taken for an unknown one. */
const LONGEST_WORD = 100;

/** Not in `\p{P}`, though BERT cuts there: `$`, `+`, `<` and their like. */
const PUNCTUATION = /[!-/:-@[-`{-~]|\p{P}/gu;
/** Dropped: control, format, private and unassigned characters, but for those that count as spaces. */
const DROPPED = /[\0\uFFFD]|(?![\t\n\r])\p{C}/gu;
/** Written without spaces between words, so that each is a word. */
const IDEOGRAPHS =
  /[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B820}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu;

/**
 * Text to the ids of BERT's lower-case WordPiece vocabulary (bert-base-uncased; transformers, tokenization_bert.py).
 * Special tokens are never found in a text: a `[SEP]` that somebody typed stays text.
 */
export class WordPieceTokenizer {
  private constructor(private readonly ids: ReadonlyMap<string, number>) {}

  /**
   * @param vocabulary the text of a `vocab.txt`: a piece a line, by id
   * @throws CodedError `tokenizer-file` when it is no such vocabulary
   */
  static fromVocabulary(vocabulary: string): WordPieceTokenizer {
    const pieces = vocabulary.replace(/\r?\n$/, '').split(/\r?\n/);
    const ids = new Map(pieces.map((piece, id) => [piece, id]));
    for (const token of [BEGINNING, END, UNKNOWN]) {
      if (!ids.has(token)) {
        throw new CodedError(
          'tokenizer-file',

          `vocab.txt lacks the token ${token}. It should be the vocabulary of bert-base-uncased.`,
        );
      }
    }
    return new WordPieceTokenizer(ids);
  }

  get vocabularySize(): number {
    return Math.max(...this.ids.values()) + 1;
  }

  /**
   * The ids of a text between those that begin and end it.
   * @param maxTokens with these two; a longer text loses its beginning
   */
  encode(text: string, maxTokens = Infinity): number[] {
    const pieces = words(text).flatMap((word) => this.piecesOf(word));
    const room = Math.max(maxTokens - 2, 0);
    const kept = pieces.slice(Math.max(pieces.length - room, 0));
    return [BEGINNING, ...kept, END].map((piece) => this.ids.get(piece)!);
  }

  /** The longest piece first, then the longest that goes on from there. */
  private piecesOf(word: string): string[] {
    const characters = [...word];
    if (characters.length > LONGEST_WORD) return [UNKNOWN];
    const pieces: string[] = [];
    for (let start = 0; start < characters.length; ) {
      const prefix = start > 0 ? CONTINUATION : '';
      let end = characters.length;
      while (end > start && !this.ids.has(prefix + characters.slice(start, end).join(''))) end--;
      if (end === start) return [UNKNOWN];
      pieces.push(prefix + characters.slice(start, end).join(''));
      start = end;
    }
    return pieces;
  }
}

/** Lower-case words without accents, and punctuation marks, each a word of its own. */
function words(text: string): string[] {
  const spaced = text.replace(DROPPED, '').replace(IDEOGRAPHS, ' $& ').normalize('NFC');
  return spaced
    .split(/\s+/)
    .map((word) =>
      word
        .toLowerCase()
        .normalize('NFD')
        .replace(/\p{Mn}/gu, '')
        .replace(PUNCTUATION, ' $& '),
    )
    .join(' ')
    .split(/\s+/)
    .filter((word) => word !== '');
}
