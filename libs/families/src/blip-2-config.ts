import { z } from 'zod';

import type { PublishedCheckpoints } from '#libs/minigpt4';

import type { ArchitectureHints } from './architecture-hints.js';
import { parseSettings } from './parse-settings.js';

/** What the JSON files of BLIP-2 say that shapes do not. */
export interface Blip2Config extends Pick<ArchitectureHints, 'vit' | 'qformer'> {
  /** The language model's own configuration. */
  readonly llm: unknown;
  /** Begins a sequence. */
  readonly sequenceToken: string;
}

const attention = z
  .object({ num_attention_heads: z.int().positive(), layer_norm_eps: z.number().positive() })
  .partial();

/** `config.json` of a BLIP-2 folder. What it leaves out is known from shapes or usual. */
const huggingFaceConfig = z.object({
  model_type: z.literal('blip-2'),
  use_decoder_only_language_model: z
    .literal(true, 'its language model is FlanT5, and only OPT is known here')
    .default(true),
  vision_config: attention.default({}),
  qformer_config: attention.default({}),
  text_config: z.looseObject({}),
});

const isWholeModel = z.object({ model_type: z.literal('blip-2') });

const token = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]);
const tokenizerConfig = z.object({ bos_token: token.default('</s>') });

/** @throws CodedError `checkpoint-mismatch` for another model than BLIP-2 with OPT */
export function readBlip2Config({ llm, vit, qFormer }: PublishedCheckpoints['settings']): Blip2Config {
  return {
    llm: isWholeModel.safeParse(llm?.config).success ? wholeModel(llm?.config).text_config : llm?.config,
    vit: partHints(vit?.config, 'vision_config'),
    qformer: partHints(qFormer?.config, 'qformer_config'),
    sequenceToken: parseSettings(tokenizerConfig, llm?.tokenizer ?? {}, 'tokenizer_config.json').bos_token,
  };
}

const wholeModel = (config: unknown) => parseSettings(huggingFaceConfig, config, "BLIP-2's config.json");

/** Heads and epsilon where a part lies in a folder of the whole model. */
function partHints(config: unknown, part: 'vision_config' | 'qformer_config') {
  if (!isWholeModel.safeParse(config).success) return {};
  const { num_attention_heads: heads, layer_norm_eps } = wholeModel(config)[part];
  return { ...(heads && { heads }), ...(layer_norm_eps && { layer_norm_eps }) };
}
