import { z } from 'zod';

import type { ArchitectureConfig } from '#libs/minigpt4';

import { ConversionError } from './errors.js';

const namedConfig = z.object({ _name_or_path: z.string() });

/** Rows of LLaMA's own embedding table; the deltas of Vicuna v0 add one for [PAD]. */
const LLAMA_ROWS = 32_000;
const PUBLISHED_WIDTHS = [4096, 5120];

/**
 * The projections for Vicuna were trained with version 0. Later versions have the same shapes and give garbled
 * text (MiniGPT-4, issues 25 and 417; FastChat, docs/vicuna_weights_version.md), so they are told by what else
 * differs.
 *
 * @param config the language model's parsed `config.json`.
 * @throws ConversionError when the language model is recognised as a later one.
 */
export function refuseLaterVicuna({ qFormer, decoder }: ArchitectureConfig, config: unknown): void {
  if (!qFormer) return;
  const reason = laterVersion(decoder, namedConfig.safeParse(config).data?._name_or_path);
  if (!reason) return;
  throw new ConversionError(
    `This language model is not Vicuna v0: ${reason}. MiniGPT-4's projections for Vicuna were trained with v0 (published as Vision-CAIR/vicuna-7b and Vision-CAIR/vicuna) and give poor or garbled text with any other. If you have trained a projection for this model, add --any-llm.`,
  );
}

function laterVersion(
  { hidden, vocabulary, contextLength, rmsNormEpsilon }: ArchitectureConfig['decoder'],
  name: string | undefined,
): string | undefined {
  if (name && /v1[.\d]*/i.test(name)) return `its config.json calls it "${name}"`;
  if (contextLength === 4096 && rmsNormEpsilon === 1e-5) {
    return 'its context of 4096 tokens and epsilon of 1e-5 are those of Llama 2, on which Vicuna v1.5 is built';
  }
  if (PUBLISHED_WIDTHS.includes(hidden) && vocabulary === LLAMA_ROWS) {
    return `its embedding table has ${LLAMA_ROWS} rows, and v0 has one more, for padding`;
  }
  return undefined;
}
