import { z } from 'zod';
import { CodedError } from '#libs/errors';

/** SentencePiece's names for the pieces that no text encodes to, the same in every LLaMA vocabulary. */
export const BEGIN_OF_SEQUENCE = '<s>';
export const END_OF_SEQUENCE = '</s>';

/** SentencePiece writes a space inside a piece as U+2581. */
export const ESCAPED_SPACE = '▁';

const replaceSchema = z.strictObject({
  type: z.literal('Replace'),
  pattern: z.union([z.strictObject({ String: z.string() }), z.strictObject({ Regex: z.string() })]),
  content: z.string(),
});

const normalizerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('Prepend'), prepend: z.string() }),
  replaceSchema,
]);

const stripSchema = z.strictObject({
  type: z.literal('Strip'),
  content: z.literal(' '),
  /** The most spaces to take from the start of the text. */
  start: z.int().nonnegative(),
  stop: z.literal(0),
});

const decoderSchema = z.discriminatedUnion('type', [
  replaceSchema,
  z.strictObject({ type: z.literal('ByteFallback') }),
  z.strictObject({ type: z.literal('Fuse') }),
  stripSchema,
]);

const addedTokenSchema = z.strictObject({
  id: z.int().nonnegative(),
  content: z.string(),
  single_word: z.literal(false),
  lstrip: z.literal(false),
  rstrip: z.literal(false),
  normalized: z.literal(false),
  special: z.literal(true),
});

/** The part of Hugging Face's `tokenizer.json` that every vocabulary of this project has. */
const common = {
  version: z.literal('1.0'),
  truncation: z.null(),
  padding: z.null(),
  added_tokens: z.array(addedTokenSchema),
};

const bpe = {
  type: z.literal('BPE'),
  dropout: z.null(),
  continuing_subword_prefix: z.null(),
  end_of_word_suffix: z.null(),
  ignore_merges: z.literal(false),
  vocab: z.record(z.string(), z.int().nonnegative()),
  merges: z.array(z.tuple([z.string(), z.string()])),
};

/** What LLaMA's SentencePiece vocabularies need, and nothing else. */
const sentencePieceSchema = z.strictObject({
  ...common,
  normalizer: z.strictObject({ type: z.literal('Sequence'), normalizers: z.array(normalizerSchema) }),
  pre_tokenizer: z.null(),
  post_processor: z.null(),
  decoder: z.strictObject({ type: z.literal('Sequence'), decoders: z.array(decoderSchema) }),
  model: z.strictObject({
    ...bpe,
    unk_token: z.string(),
    fuse_unk: z.literal(true),
    byte_fallback: z.literal(true),
  }),
});
export type SentencePieceTokenizerJson = z.infer<typeof sentencePieceSchema>;

const splitSchema = z.strictObject({
  type: z.literal('Split'),
  pattern: z.strictObject({ Regex: z.string() }),
  behavior: z.literal('Removed'),
  invert: z.literal(true),
});

const byteLevelSchema = z.strictObject({
  type: z.literal('ByteLevel'),
  add_prefix_space: z.literal(false),
  trim_offsets: z.literal(true),
  use_regex: z.literal(false),
});

const idAndType = <Id extends z.ZodType>(id: Id) => z.strictObject({ id, type_id: z.literal(0) });

/** What the byte-level vocabularies of GPT-2 and OPT need, and nothing else. */
const byteLevelBpeSchema = z.strictObject({
  ...common,
  normalizer: z.null(),
  pre_tokenizer: z.strictObject({
    type: z.literal('Sequence'),
    pretokenizers: z.tuple([splitSchema, byteLevelSchema]),
  }),
  post_processor: z.strictObject({
    type: z.literal('TemplateProcessing'),
    single: z.tuple([
      z.strictObject({ SpecialToken: idAndType(z.string()) }),
      z.strictObject({ Sequence: idAndType(z.literal('A')) }),
    ]),
  }),
  decoder: z.strictObject({ type: z.literal('ByteLevel') }),
  model: z.strictObject({
    ...bpe,
    unk_token: z.null(),
    fuse_unk: z.literal(false),
    byte_fallback: z.literal(false),
  }),
});
export type ByteLevelTokenizerJson = z.infer<typeof byteLevelBpeSchema>;

export type TokenizerJson = SentencePieceTokenizerJson | ByteLevelTokenizerJson;

export const isByteLevel = (json: TokenizerJson): json is ByteLevelTokenizerJson =>
  json.decoder.type === 'ByteLevel';

const decoderType = z.object({ decoder: z.object({ type: z.literal('ByteLevel') }) });

/** @throws CodedError `tokenizer-file` naming the first field that is missing or of a kind these vocabularies do not have. */
export function parseTokenizerJson(json: unknown): TokenizerJson {
  const schema = decoderType.safeParse(json).success ? byteLevelBpeSchema : sentencePieceSchema;
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new CodedError(
    'tokenizer-file',
    `tokenizer.json is not one that "convert" writes: ${issue.path.join('.') || 'the file'}: ${issue.message}. ` +
      'Convert the checkpoint again.',
    { cause: result.error },
  );
}
