import { z } from 'zod';
import { CodedError } from '#libs/errors';

import { type ArchitectureConfig, type LlamaConfig, requireLlama } from '#libs/minigpt4';

const namedConfig = z.object({ _name_or_path: z.string() });

/** Rows of LLaMA's own embedding table; the deltas of Vicuna v0 add one for [PAD]. */
const LLAMA_ROWS = 32_000;
const PUBLISHED_WIDTHS = [4096, 5120];

/**
 * Language models of one size have the same shapes, so a wrong one converts without complaint and gives garbled
 * text. It is told by what else differs.
 *
 * @param config the language model's parsed `config.json`
 * @throws CodedError `checkpoint-mismatch` when it is recognised as one that the published projections were not trained with.
 */
export function refuseWrongLanguageModel(architecture: ArchitectureConfig, config: unknown): void {
  const decoder = requireLlama(architecture.decoder);
  const name = namedConfig.safeParse(config).data?._name_or_path;
  const problem = architecture.qFormer ? laterVicuna(decoder, name) : vicunaInsteadOfLlama2(decoder, name);
  if (problem) {
    throw new CodedError(
      'checkpoint-mismatch',
      `${problem} If you have trained a projection for this model, add --any-llm.`,
    );
  }
}

/** Projections after a Q-Former (MiniGPT-4, issues 25 and 417; FastChat, docs/vicuna_weights_version.md). */
function laterVicuna(decoder: LlamaConfig, name: string | undefined): string | undefined {
  const reason = laterVersion(decoder, name);
  return (
    reason &&
    `This language model is not Vicuna v0: ${reason}. MiniGPT-4's projections for Vicuna were trained with v0 (published as Vision-CAIR/vicuna-7b and Vision-CAIR/vicuna) and give poor or garbled text with any other.`
  );
}

/** Projections of joined patches (MiniGPT-4, minigpt4_llama2_eval.yaml). */
function vicunaInsteadOfLlama2(
  { hidden, vocabulary }: LlamaConfig,
  name: string | undefined,
): string | undefined {
  const isVicuna = PUBLISHED_WIDTHS.includes(hidden) && vocabulary === LLAMA_ROWS + 1;
  if (!isVicuna && !/vicuna/i.test(name ?? '')) return undefined;
  return 'This language model is Vicuna, but the projection takes joined patches, as that for Llama-2-7b-chat does (published as meta-llama/Llama-2-7b-chat-hf), and gives garbled text with any other.';
}

function laterVersion(
  { hidden, vocabulary, contextLength, rmsNormEpsilon }: LlamaConfig,
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
