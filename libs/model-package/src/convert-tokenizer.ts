import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { recogniseImpostor } from '#libs/checkpoint';
import { CodedError, hasCode } from '#libs/errors';
import type { ByteLevelVocabulary } from '#libs/families';
import type { ArchitectureConfig } from '#libs/minigpt4';
import {
  Tokenizer,
  type TokenizerJson,
  tokenizerJsonFromByteLevelBpe,
  tokenizerJsonFromSentencePiece,
  WordPieceTokenizer,
} from '#libs/tokenizer';

import type { ModelManifest } from './manifest.js';
import type { PublishedSources } from './published-sources.js';

const SENTENCE_PIECE_FILE = 'tokenizer.model';
const VOCABULARY_FILE = 'vocab.json';
const MERGES_FILE = 'merges.txt';

const configuredTokens = z.object({ bos_token_id: z.number(), eos_token_id: z.number() }).partial();

export interface ConvertedTokenizer {
  readonly json: TokenizerJson;
  readonly tokens: ModelManifest['tokens'];
  /** Of the language model's folder. */
  readonly files: readonly string[];
  readonly notices: readonly string[];
}

/** What a vocabulary is converted for. */
export interface TokenizerDemand {
  /** The language model's, with its vocabulary. */
  readonly folder: string;
  /** Its parsed `config.json`. */
  readonly config: unknown;
  /** Rows of the model's embedding table. */
  readonly rows: number;
  /** SentencePiece's when left out. */
  readonly vocabulary?: ByteLevelVocabulary;
  /** Whether a sequence begins with the token that ends one. */
  readonly beginsWithEnd?: boolean;
}

/**
 * Converts the language model's vocabulary.
 * @throws CodedError `conversion`
 */
export async function convertTokenizer(demand: TokenizerDemand): Promise<ConvertedTokenizer> {
  const { vocabulary } = demand;
  return vocabulary ? convertByteLevelBpe(demand, vocabulary) : convertSentencePiece(demand);
}

/** Its replies end with a token of its text, and its begin of sequence is the family's. */
async function convertByteLevelBpe(
  { folder, rows }: TokenizerDemand,
  { sequenceToken, endOfReply }: ByteLevelVocabulary,
): Promise<ConvertedTokenizer> {
  const vocabulary = await readPublished(folder, VOCABULARY_FILE);
  const merges = await readPublished(folder, MERGES_FILE);
  const json = readTokenizerFile(folder, () =>
    tokenizerJsonFromByteLevelBpe(parseJson(vocabulary), merges.toString('utf8'), sequenceToken),
  );
  const tokenizer = Tokenizer.fromJson(json);
  requireRows(folder, tokenizer, rows);
  const [endOfSequence = tokenizer.endOfSequence] = tokenizer.encode(endOfReply);
  return {
    json,
    tokens: { beginOfSequence: tokenizer.beginOfSequence, endOfSequence },
    files: [VOCABULARY_FILE, MERGES_FILE],
    notices: [],
  };
}

/**
 * Its own begin and end of sequence count: the config files published with Vicuna v0 give other ids (0 and 1 instead of
 * 1 and 2; MiniGPT-4, issue 339).
 */
async function convertSentencePiece({
  folder,
  config,
  rows,
  beginsWithEnd = false,
}: TokenizerDemand): Promise<ConvertedTokenizer> {
  const bytes = await readPublished(folder, SENTENCE_PIECE_FILE);
  const json = readTokenizerFile(join(folder, SENTENCE_PIECE_FILE), () =>
    tokenizerJsonFromSentencePiece(bytes),
  );
  const tokenizer = Tokenizer.fromJson(json);
  requireRows(folder, tokenizer, rows);
  const { endOfSequence } = tokenizer;
  const beginOfSequence = beginsWithEnd ? endOfSequence : tokenizer.beginOfSequence;
  const configured = configuredTokens.safeParse(config).data ?? {};
  const { bos_token_id: begin = beginOfSequence, eos_token_id: end = endOfSequence } = configured;
  const notices =
    beginsWithEnd || (begin === beginOfSequence && end === endOfSequence)
      ? []
      : [
          `config.json gives ${begin} and ${end} as begin and end of sequence, but the tokenizer has ${beginOfSequence} and ${endOfSequence}. The tokenizer is right; its ids were taken.`,
        ];
  return { json, tokens: { beginOfSequence, endOfSequence }, files: [SENTENCE_PIECE_FILE], notices };
}

/**
 * The vocabulary in which a Q-Former reads questions; undefined where it reads none.
 * @throws CodedError `conversion` when it does not fit the Q-Former
 */
export async function readQuestionVocabulary(
  { qFormer }: ArchitectureConfig,
  { questionVocabulary: path }: PublishedSources,
): Promise<string | undefined> {
  if (!qFormer?.text) return undefined;
  if (path === undefined) {
    throw new CodedError(
      'conversion',
      'A Q-Former that reads questions needs its vocab.txt: name the files with --from.',
    );
  }
  const vocabulary = await readFile(path, 'utf8');
  try {
    const { vocabularySize } = WordPieceTokenizer.fromVocabulary(vocabulary);
    if (vocabularySize <= qFormer.text.vocabulary) return vocabulary;
    throw new CodedError(
      'tokenizer-file',
      `it has ${vocabularySize} pieces but the Q-Former's embedding table only ${qFormer.text.vocabulary} rows. They belong to different models.`,
    );
  } catch (cause) {
    if (!hasCode(cause, 'tokenizer-file')) throw cause;
    throw new CodedError('conversion', `${path}: ${cause.message}`, { cause });
  }
}

function requireRows(folder: string, { vocabularySize }: Tokenizer, rows: number): void {
  if (vocabularySize <= rows) return;
  throw new CodedError(
    'conversion',
    `${folder}: the tokenizer has ${vocabularySize} pieces but the language model's embedding table only ${rows} rows. They belong to different models.`,
  );
}

async function readPublished(folder: string, file: string): Promise<Buffer> {
  const path = join(folder, file);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new CodedError(
      'conversion',
      `${folder}: ${file} is missing. Download it from where the language model came from and put it into this folder.`,
      { cause },
    );
  });
  const impostor = recogniseImpostor(bytes.toString('latin1', 0, 64));
  if (impostor) throw new CodedError('conversion', `${path}: ${impostor}.`);
  return bytes;
}

/** @throws CodedError `tokenizer-file` */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new CodedError(
      'tokenizer-file',
      `${VOCABULARY_FILE} is not JSON, or only half of it; download it again.`,
      {
        cause,
      },
    );
  }
}

function readTokenizerFile(path: string, convert: () => TokenizerJson): TokenizerJson {
  try {
    return convert();
  } catch (cause) {
    if (!hasCode(cause, 'tokenizer-file')) throw cause;
    throw new CodedError('conversion', `${path}: ${cause.message}`, { cause });
  }
}
