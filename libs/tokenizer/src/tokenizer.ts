import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { CodedError } from '#libs/errors';

import { bytesOfToken } from './byte-level-bpe.js';
import { type DecodedPiece, StreamingDecoder } from './streaming-decoder.js';
import {
  BEGIN_OF_SEQUENCE,
  END_OF_SEQUENCE,
  ESCAPED_SPACE,
  isByteLevel,
  parseTokenizerJson,
  type TokenizerJson,
} from './tokenizer-json.js';
import { Utf8Assembler, WholeUtf8Assembler } from './utf8-assembler.js';

const SKIPPED: DecodedPiece = { kind: 'skipped' };

/** What a vocabulary does not say of how its model was trained. */
export interface TokenizerSettings {
  /**
   * Whether a text that follows an end-of-sequence token gets a leading space, as it does elsewhere: transformers'
   * `legacy`, which is false for Vicuna v1.5. True when left out.
   */
  readonly spaceAfterEnd?: boolean;
  /** Whether the begin-of-sequence token follows the images that open a prompt, instead of opening it. */
  readonly beginsAfterImages?: boolean;
  /** The id that begins a sequence, where it is another than the vocabulary's own: InstructBLIP's is its end. */
  readonly beginOfSequence?: number;
}

/** Text to token ids and back, with the ids of the vocabulary that the `tokenizer.json` was made from. */
export class Tokenizer {
  /** Pieces of the vocabulary; the model's embedding table may have rows beyond, as Vicuna's for [PAD]. */
  readonly vocabularySize: number;
  readonly beginOfSequence: number;
  readonly endOfSequence: number;
  readonly beginsAfterImages: boolean;
  private readonly encoder: HuggingFaceTokenizer;
  /** For texts that follow an end of sequence. */
  private readonly encoderAfterEnd: HuggingFaceTokenizer;
  private readonly pieces: readonly DecodedPiece[];
  private readonly leadingSpaces: number;
  private readonly assembler: typeof Utf8Assembler | typeof WholeUtf8Assembler;

  private constructor(
    json: TokenizerJson,
    { spaceAfterEnd = true, beginsAfterImages = false, beginOfSequence }: TokenizerSettings,
  ) {
    // Without added tokens the encoder takes "</s>" in a text for four characters, as SentencePiece does.
    this.encoder = new HuggingFaceTokenizer({ ...json, added_tokens: [] }, {});
    this.encoderAfterEnd = spaceAfterEnd
      ? this.encoder
      : new HuggingFaceTokenizer({ ...withoutPrefix(json), added_tokens: [] }, {});
    this.pieces = decodedPieces(json);
    this.vocabularySize = this.pieces.length;
    const { begin, end } = sequenceTokens(json);
    this.beginOfSequence = beginOfSequence ?? idOfSpecialToken(json, begin);
    this.endOfSequence = idOfSpecialToken(json, end);
    this.beginsAfterImages = beginsAfterImages;
    this.leadingSpaces = leadingSpacesOf(json);
    this.assembler = isByteLevel(json) ? WholeUtf8Assembler : Utf8Assembler;
  }

  /**
   * @param json the parsed content of a `tokenizer.json` that {@link tokenizerJsonFromSentencePiece} or
   *   {@link tokenizerJsonFromByteLevelBpe} made
   * @throws CodedError `tokenizer-file` when it is something else
   */
  static fromJson(json: unknown, settings: TokenizerSettings = {}): Tokenizer {
    return new Tokenizer(parseTokenizerJson(json), settings);
  }

  /**
   * The ids of a text, without a begin-of-sequence token unless asked for. From a SentencePiece vocabulary,
   * every text gets a leading space, so texts encoded one by one differ from the ids of the whole; one after an end of sequence
   * only where the settings say so. Special tokens are never found in a text: a `</s>` that somebody typed stays text.
   */
  encode(text: string, { beginOfSequence = false, afterEnd = false } = {}): number[] {
    const wellFormed = text.replace(/\p{Surrogate}/gu, '\uFFFD');
    const encoder = afterEnd && !beginOfSequence ? this.encoderAfterEnd : this.encoder;
    const { ids } = encoder.encode(wellFormed, { add_special_tokens: false });
    return beginOfSequence ? [this.beginOfSequence, ...ids] : ids;
  }

  /** The text of ids, without special tokens and without the leading space that encoding puts there. */
  decode(ids: Iterable<number>): string {
    const decoder = this.streamingDecoder();
    let text = '';
    for (const id of ids) text += decoder.push(id);
    return text + decoder.flush();
  }

  /** The bytes of a token's text in UTF-8, which may be a part of a character; none for special tokens. */
  bytesOf(id: number): Uint8Array {
    const piece = this.pieces[id] ?? SKIPPED;
    switch (piece.kind) {
      case 'skipped':
        return new Uint8Array();
      case 'bytes':
        return piece.bytes;
      case 'text':
        return new TextEncoder().encode(piece.text);
    }
  }

  /** Decodes one text, token by token. */
  streamingDecoder(): StreamingDecoder {
    return new StreamingDecoder((id) => this.pieces[id] ?? SKIPPED, this.leadingSpaces, new this.assembler());
  }
}

function sequenceTokens(json: TokenizerJson): { readonly begin: string; readonly end: string } {
  if (!isByteLevel(json)) return { begin: BEGIN_OF_SEQUENCE, end: END_OF_SEQUENCE };
  const token = json.post_processor.single[0].SpecialToken.id;
  return { begin: token, end: token };
}

function leadingSpacesOf(json: TokenizerJson): number {
  if (isByteLevel(json)) return 0;
  return json.decoder.decoders.find((decoder) => decoder.type === 'Strip')?.start ?? 0;
}

function withoutPrefix(json: TokenizerJson): TokenizerJson {
  if (isByteLevel(json)) return json;
  const normalizers = json.normalizer.normalizers.filter(({ type }) => type !== 'Prepend');
  return { ...json, normalizer: { ...json.normalizer, normalizers } };
}

/** By token id. */
function decodedPieces(json: TokenizerJson): DecodedPiece[] {
  const entries = Object.entries(json.model.vocab);
  const pieces = new Array<DecodedPiece>(entries.length).fill(SKIPPED);
  const special = new Set(json.added_tokens.map(({ id }) => id));
  for (const [piece, id] of entries) {
    if (id >= entries.length) {
      throw new CodedError(
        'tokenizer-file',
        `tokenizer.json gives the piece "${piece}" the id ${id}, past its ${entries.length} pieces. Convert the checkpoint again.`,
      );
    }
    if (!special.has(id)) pieces[id] = isByteLevel(json) ? byteLevelPiece(piece) : decodedPiece(piece);
  }
  return pieces;
}

function decodedPiece(piece: string): DecodedPiece {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(piece);
  return byte
    ? { kind: 'bytes', bytes: Uint8Array.of(Number.parseInt(byte[1]!, 16)) }
    : { kind: 'text', text: piece.replaceAll(ESCAPED_SPACE, ' ') };
}

const byteLevelPiece = (token: string): DecodedPiece => ({ kind: 'bytes', bytes: bytesOfToken(token) });

function idOfSpecialToken(json: TokenizerJson, content: string): number {
  const token = json.added_tokens.find((added) => added.content === content);
  if (!token) {
    throw new CodedError(
      'tokenizer-file',
      `tokenizer.json has no token ${content}. Convert the checkpoint again.`,
    );
  }
  return token.id;
}
