import { BinaryReader } from '@bufbuild/protobuf/wire';
import { CodedError } from '#libs/errors';

/** What a piece is for, numbered as in sentencepiece_model.proto, `SentencePiece.Type`. */
export enum PieceType {
  Normal = 1,
  Unknown = 2,
  Control = 3,
  UserDefined = 4,
  Unused = 5,
  Byte = 6,
}

/** How the pieces were trained, numbered as in sentencepiece_model.proto, `TrainerSpec.ModelType`. */
export enum ModelType {
  Unigram = 1,
  Bpe = 2,
  Word = 3,
  Char = 4,
}

/** An entry of the vocabulary; its id is its place in the list. */
export interface Piece {
  readonly text: string;
  /** Of two possible merges, BPE takes the one whose result scores higher. */
  readonly score: number;
  readonly type: PieceType;
}

export interface TrainerSpec {
  readonly modelType: ModelType;
  readonly byteFallback: boolean;
  readonly treatWhitespaceAsSuffix: boolean;
}

export interface NormalizerSpec {
  readonly name: string;
  /** Character replacements such as NFKC, compiled; empty for "identity". */
  readonly precompiledCharsmap: Uint8Array;
  readonly addDummyPrefix: boolean;
  readonly removeExtraWhitespaces: boolean;
  readonly escapeWhitespaces: boolean;
}

/** The parts of a SentencePiece `ModelProto` that decide how text is encoded and decoded. */
export interface SentencePieceModel {
  readonly pieces: readonly Piece[];
  readonly trainer: TrainerSpec;
  readonly normalizer: NormalizerSpec;
}

/**
 * Reads a SentencePiece `tokenizer.model`, a protobuf of the message `ModelProto` in sentencepiece_model.proto.
 * @throws CodedError `tokenizer-file` when the bytes are something else.
 */
export function parseSentencePieceModel(bytes: Uint8Array): SentencePieceModel {
  let model: SentencePieceModel;
  try {
    model = readModel(new BinaryReader(bytes));
  } catch (cause) {
    throw new CodedError(
      'tokenizer-file',
      'The tokenizer file is not a SentencePiece model, or it was cut short. Download tokenizer.model again.',
      { cause },
    );
  }
  if (model.pieces.length === 0) {
    throw new CodedError(
      'tokenizer-file',
      'The SentencePiece model holds no vocabulary. Download tokenizer.model again.',
    );
  }
  return model;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** By field number; fields without a reader are skipped. */
type FieldReaders = Readonly<Record<number, () => void>>;

function readFields(reader: BinaryReader, readers: FieldReaders): void {
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const read = readers[field];
    if (read) read();
    else reader.skip(wireType, field);
  }
}

function readModel(reader: BinaryReader): SentencePieceModel {
  const pieces: Piece[] = [];
  let trainer = readTrainerSpec(new BinaryReader(new Uint8Array()));
  let normalizer = readNormalizerSpec(new BinaryReader(new Uint8Array()));
  readFields(reader, {
    1: () => pieces.push(readPiece(new BinaryReader(reader.bytes()))),
    2: () => {
      trainer = readTrainerSpec(new BinaryReader(reader.bytes()));
    },
    3: () => {
      normalizer = readNormalizerSpec(new BinaryReader(reader.bytes()));
    },
  });
  return { pieces, trainer, normalizer };
}

function readPiece(reader: BinaryReader): Piece {
  const piece: Writable<Piece> = { text: '', score: 0, type: PieceType.Normal };
  readFields(reader, {
    1: () => {
      piece.text = reader.string(true);
    },
    2: () => {
      piece.score = reader.float();
    },
    3: () => {
      piece.type = reader.int32();
    },
  });
  return piece;
}

function readTrainerSpec(reader: BinaryReader): TrainerSpec {
  const spec: Writable<TrainerSpec> = {
    modelType: ModelType.Unigram,
    byteFallback: false,
    treatWhitespaceAsSuffix: false,
  };
  readFields(reader, {
    3: () => {
      spec.modelType = reader.int32();
    },
    24: () => {
      spec.treatWhitespaceAsSuffix = reader.bool();
    },
    35: () => {
      spec.byteFallback = reader.bool();
    },
  });
  return spec;
}

function readNormalizerSpec(reader: BinaryReader): NormalizerSpec {
  const spec: Writable<NormalizerSpec> = {
    name: '',
    precompiledCharsmap: new Uint8Array(),
    addDummyPrefix: true,
    removeExtraWhitespaces: true,
    escapeWhitespaces: true,
  };
  readFields(reader, {
    1: () => {
      spec.name = reader.string();
    },
    2: () => {
      spec.precompiledCharsmap = reader.bytes();
    },
    3: () => {
      spec.addDummyPrefix = reader.bool();
    },
    4: () => {
      spec.removeExtraWhitespaces = reader.bool();
    },
    5: () => {
      spec.escapeWhitespaces = reader.bool();
    },
  });
  return spec;
}
