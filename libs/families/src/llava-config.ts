import { z } from 'zod';

import type { PublishedSettings, VisionConfig } from '#libs/minigpt4';

import { readClipResizing } from './clip.js';
import { llamaDefaults } from './llama-defaults.js';
import { parseSettings } from './parse-settings.js';

export interface LlavaConfig {
  /** The language model's `config.json`. */
  readonly llm: unknown;
  /** Whose output of the vision tower is taken, as an index of transformers' `hidden_states`. */
  readonly visionLayer: number;
  resizing(imageSize: number): VisionConfig['resizing'];
  readonly spaceAfterEnd: boolean;
}

const llavaOnly = (architecture: string) =>
  z
    .array(z.string())
    .refine(([name]) => name === architecture, {
      error: ({ input }) => `it is ${input}, and only ${architecture}, LLaVA-1.5, is known here`,
    })
    .optional();

const huggingFaceConfig = z.object({
  architectures: llavaOnly('LlavaForConditionalGeneration'),
  text_config: z.looseObject({}),
  vision_feature_layer: z.int().default(-2),
  vision_feature_select_strategy: z.literal('default').default('default'),
  projector_hidden_act: z.literal('gelu').default('gelu'),
});

/** @throws CodedError `checkpoint-mismatch` for another model than LLaVA-1.5 */
export function readHuggingFaceConfig(llm: PublishedSettings, vit: PublishedSettings): LlavaConfig {
  const config = parseSettings(huggingFaceConfig, llm.config, "LLaVA's config.json");
  return {
    llm: { ...llamaDefaults, ...config.text_config },
    visionLayer: config.vision_feature_layer,
    resizing: (imageSize) => readClipResizing(vit, imageSize),
    // As the tokenizer.json of that time does, whatever tokenizer_config.json says.
    spaceAfterEnd: true,
  };
}

const originalConfig = z.looseObject({
  architectures: llavaOnly('LlavaLlamaForCausalLM'),
  mm_projector_type: z.literal('mlp2x_gelu'),
  mm_vision_select_layer: z.int().default(-2),
  mm_vision_select_feature: z.literal('patch').default('patch'),
  image_aspect_ratio: z.enum(['pad', 'square']).nullish(),
  mm_use_im_start_end: z.literal(false).default(false),
  mm_use_im_patch_token: z.literal(false).default(false),
});

const tokenizerConfig = z.object({ legacy: z.boolean().nullish() });

/** @throws CodedError `checkpoint-mismatch` for another model than LLaVA-1.5 */
export function readOriginalConfig(llm: PublishedSettings): LlavaConfig {
  const config = parseSettings(originalConfig, llm.config, "LLaVA's config.json");
  return {
    llm: { ...config, model_type: 'llama' },
    visionLayer: config.mm_vision_select_layer,
    resizing: () => (config.image_aspect_ratio === 'pad' ? 'pad' : 'crop'),
    spaceAfterEnd: tokenizerConfig.safeParse(llm.tokenizer).data?.legacy !== false,
  };
}
