import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { recogniseImpostor } from '#libs/checkpoint';
import {
  Tokenizer,
  TokenizerFileError,
  type TokenizerJson,
  tokenizerJsonFromSentencePiece,
} from '#libs/tokenizer';

import { ConversionError } from './errors.js';
import type { ModelManifest } from './manifest.js';

export const SENTENCE_PIECE_FILE = 'tokenizer.model';

const configuredTokens = z.object({ bos_token_id: z.number(), eos_token_id: z.number() }).partial();

export interface ConvertedTokenizer {
  readonly json: TokenizerJson;
  readonly tokens: ModelManifest['tokens'];
  readonly notices: readonly string[];
}

/**
 * Converts the language model's SentencePiece vocabulary. Its own begin and end of sequence count: the config
 * files published with Vicuna v0 give other ids (0 and 1 instead of 1 and 2; MiniGPT-4, issue 339).
 *
 * @param vocabulary rows of the model's embedding table.
 * @throws ConversionError
 */
export async function convertTokenizer(
  folder: string,
  config: unknown,
  vocabulary: number,
): Promise<ConvertedTokenizer> {
  const json = await readVocabulary(folder);
  const { vocabularySize, beginOfSequence, endOfSequence } = Tokenizer.fromJson(json);
  if (vocabularySize > vocabulary) {
    throw new ConversionError(
      `${folder}: the tokenizer has ${vocabularySize} pieces but the language model's embedding table only ${vocabulary} rows. They belong to different models.`,
    );
  }
  const configured = configuredTokens.safeParse(config).data ?? {};
  const { bos_token_id: begin = beginOfSequence, eos_token_id: end = endOfSequence } = configured;
  const notices =
    begin === beginOfSequence && end === endOfSequence
      ? []
      : [
          `config.json gives ${begin} and ${end} as begin and end of sequence, but the tokenizer has ${beginOfSequence} and ${endOfSequence}. The tokenizer is right; its ids were taken.`,
        ];
  return { json, tokens: { beginOfSequence, endOfSequence }, notices };
}

async function readVocabulary(folder: string): Promise<TokenizerJson> {
  const path = join(folder, SENTENCE_PIECE_FILE);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new ConversionError(
      `${folder}: ${SENTENCE_PIECE_FILE} is missing. Download it from where the language model came from and put it into this folder.`,
      { cause },
    );
  });
  const impostor = recogniseImpostor(bytes.toString('latin1', 0, 64));
  if (impostor) throw new ConversionError(`${path}: ${impostor}.`);
  try {
    return tokenizerJsonFromSentencePiece(bytes);
  } catch (cause) {
    if (!(cause instanceof TokenizerFileError)) throw cause;
    throw new ConversionError(`${path}: ${cause.message}`, { cause });
  }
}
