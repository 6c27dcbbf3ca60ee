import { z } from 'zod';

import type { PublishedCheckpoints } from '#libs/minigpt4';

import type { ArchitectureHints } from './architecture-hints.js';
import { parseSettings } from './parse-settings.js';

/** The kinds of models that transformers keeps in this form. */
type ModelType = 'blip-2' | 'instructblip';

/** What the JSON files of BLIP-2 and InstructBLIP say that shapes do not. */
export interface Blip2Config extends Pick<ArchitectureHints, 'vit' | 'qformer'> {
  /** The language model's own configuration. */
  readonly llm: unknown;
  /** Begins a sequence. */
  readonly sequenceToken: string;
}

const attention = z
  .object({ num_attention_heads: z.int().positive(), layer_norm_eps: z.number().positive() })
  .partial();

/** `config.json` of such a folder. What it leaves out is known from shapes or usual. */
const huggingFaceConfig = z.object({
  use_decoder_only_language_model: z
    .literal(true, 'its language model is FlanT5, and only OPT and Vicuna are known here')
    .default(true),
  vision_config: attention.default({}),
  qformer_config: attention.default({}),
  text_config: z.looseObject({}),
});

const token = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]);
const tokenizerConfig = z.object({ bos_token: token.default('</s>') });

/**
 * @param modelType of the family whose folders of whole models these may be
 * @throws CodedError `checkpoint-mismatch` for a language model of another kind
 */
export function readBlip2Config(
  { llm, vit, qFormer }: PublishedCheckpoints['settings'],
  modelType: ModelType,
): Blip2Config {
  const wholeModel = (config: unknown) =>
    isOfType(config, modelType) ? parseSettings(huggingFaceConfig, config, 'config.json') : undefined;
  /** Heads and epsilon where a part lies in a folder of the whole model. */
  const partHints = (config: unknown, part: 'vision_config' | 'qformer_config') => {
    const { num_attention_heads: heads, layer_norm_eps } = wholeModel(config)?.[part] ?? {};
    return { ...(heads && { heads }), ...(layer_norm_eps && { layer_norm_eps }) };
  };
  return {
    llm: wholeModel(llm?.config)?.text_config ?? llm?.config,
    vit: partHints(vit?.config, 'vision_config'),
    qformer: partHints(qFormer?.config, 'qformer_config'),
    sequenceToken: parseSettings(tokenizerConfig, llm?.tokenizer ?? {}, 'tokenizer_config.json').bos_token,
  };
}

/** Whether a `config.json` is that of a whole model of this kind. */
export const isOfType = (config: unknown, modelType: ModelType): boolean =>
  z.object({ model_type: z.literal(modelType) }).safeParse(config).success;
