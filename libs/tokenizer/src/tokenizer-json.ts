import { z } from 'zod';

import { TokenizerFileError } from './errors.js';

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

/** The part of Hugging Face's `tokenizer.json` that LLaMA's SentencePiece vocabularies need, and nothing else. */
const tokenizerJsonSchema = z.strictObject({
  version: z.literal('1.0'),
  truncation: z.null(),
  padding: z.null(),
  added_tokens: z.array(addedTokenSchema),
  normalizer: z.strictObject({ type: z.literal('Sequence'), normalizers: z.array(normalizerSchema) }),
  pre_tokenizer: z.null(),
  post_processor: z.null(),
  decoder: z.strictObject({ type: z.literal('Sequence'), decoders: z.array(decoderSchema) }),
  model: z.strictObject({
    type: z.literal('BPE'),
    dropout: z.null(),
    unk_token: z.string(),
    continuing_subword_prefix: z.null(),
    end_of_word_suffix: z.null(),
    fuse_unk: z.literal(true),
    byte_fallback: z.literal(true),
    ignore_merges: z.literal(false),
    vocab: z.record(z.string(), z.int().nonnegative()),
    merges: z.array(z.tuple([z.string(), z.string()])),
  }),
});
export type TokenizerJson = z.infer<typeof tokenizerJsonSchema>;

/** @throws TokenizerFileError naming the first field that is missing or of a kind LLaMA's vocabularies do not have. */
export function parseTokenizerJson(json: unknown): TokenizerJson {
  const result = tokenizerJsonSchema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new TokenizerFileError(
    `tokenizer.json is not one that "convert" writes: ${issue.path.join('.') || 'the file'}: ${issue.message}. ` +
      'Convert the checkpoint again.',
    { cause: result.error },
  );
}
