import { CodedError } from '#libs/errors';
import type { ByteLevelTokenizerJson } from './tokenizer-json.js';

/**
 * Where GPT-2 cuts a text before merging (transformers, tokenization_gpt2.py). White space is Unicode's, as in
 * Python's `regex`; JavaScript's `\s` is another set.
 */
const WORDS = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+`;

/** Tokens that stand for no bytes, in vocabularies of OPT. */
const SPECIAL_TOKENS = ['<s>', '<pad>', '</s>', '<unk>'];

/** The character that stands for each byte, by the byte (GPT-2, `bytes_to_unicode`). */
const characterOfByte = byteAlphabet();
const byteOfCharacter = new Map(characterOfByte.map((character, byte) => [character, byte]));

/**
 * Converts `vocab.json` and `merges.txt` of a byte-level BPE, as GPT-2's and OPT's, into a `tokenizer.json` that encodes
 * every text to the same ids.
 *
 * @param vocabulary the parsed `vocab.json`: ids by token
 * @param merges the text of `merges.txt`: a line for each pair, the first to be merged first
 * @param sequenceToken begins and ends a sequence; `</s>` in OPT's vocabularies
 * @throws CodedError `tokenizer-file` when the files are no such vocabulary
 */
export function tokenizerJsonFromByteLevelBpe(
  vocabulary: unknown,
  merges: string,
  sequenceToken: string,
): ByteLevelTokenizerJson {
  const vocab = parseVocabulary(vocabulary);
  if (!vocab.has(sequenceToken)) {
    throw new CodedError(
      'tokenizer-file',
      `vocab.json lacks the token ${sequenceToken}, which begins a sequence.`,
    );
  }
  const missing = characterOfByte.findIndex((character) => !vocab.has(character));
  if (missing >= 0)
    throw new CodedError('tokenizer-file', `vocab.json lacks a token for the byte ${missing}.`);
  const special = new Set([...SPECIAL_TOKENS, sequenceToken]);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...special].flatMap((content) => {
      const id = vocab.get(content);
      return id === undefined ? [] : [specialToken(id, content)];
    }),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: WORDS }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: sequenceToken, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    },
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(vocab),
      merges: parseMerges(merges, vocab),
    },
  };
}

/** The bytes that a token of a byte-level vocabulary stands for. @throws CodedError `tokenizer-file` */
export function bytesOfToken(token: string): Uint8Array {
  return Uint8Array.from(token, (character) => {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) {
      throw new CodedError(
        'tokenizer-file',
        `The token "${token}" of the vocabulary holds "${character}", no byte.`,
      );
    }
    return byte;
  });
}

function parseVocabulary(vocabulary: unknown): ReadonlyMap<string, number> {
  const isObject = typeof vocabulary === 'object' && vocabulary !== null && !Array.isArray(vocabulary);
  const entries = isObject ? Object.entries(vocabulary) : [];
  if (entries.length === 0) throw new CodedError('tokenizer-file', 'vocab.json holds no ids by token.');
  const ids = new Set(entries.map(([, id]) => id));
  for (let id = 0; id < entries.length; id++) {
    if (!ids.has(id))
      throw new CodedError(
        'tokenizer-file',
        `vocab.json has ${entries.length} tokens, but none with the id ${id}.`,
      );
  }
  return new Map(entries);
}

function parseMerges(text: string, vocab: ReadonlyMap<string, number>): [string, string][] {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line, number: index + 1 }));
  return lines
    .filter(({ line, number }) => line !== '' && !(number === 1 && line.startsWith('#version')))
    .map(({ line, number }) => {
      const [left, right, ...others] = line.split(' ');
      if (!left || !right || others.length > 0 || !vocab.has(left + right)) {
        throw new CodedError(
          'tokenizer-file',
          `merges.txt, line ${number}: "${line}" is no pair of tokens of the vocabulary.`,
        );
      }
      return [left, right];
    });
}

const specialToken = (id: number, content: string) =>
  ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }) as const;

/** Printable characters of Latin-1 stand for themselves, and the other bytes for those from U+0100 on. */
function byteAlphabet(): readonly string[] {
  const isPrintable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
}
