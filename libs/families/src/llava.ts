import { CodedError } from '#libs/errors';
import {
  architectureConfig,
  type ProjectionNames,
  projectionMatrices,
  publishedHead,
  readDecoder,
  readProjection,
} from '#libs/minigpt4';

import { clipVit, readClipVision } from './clip.js';
import type { Family, GenerationDefaults } from './family.js';
import { readHuggingFaceConfig, readOriginalConfig } from './llava-config.js';

/** The command line's settings (LLaVA, run_llava.py; top_k is transformers' default). */
const generation: GenerationDefaults = {
  temperature: 0.2,
  topP: 1,
  topK: 50,
  repetitionPenalty: 1,
  maxNewTokens: 512,
};

/** The projector in Hugging Face's layout, and in the original's, where an activation has the number between. */
const huggingFace: ProjectionNames = (layer) => `multi_modal_projector.linear_${layer + 1}`;
const original: ProjectionNames = (layer) => `mm_projector.${2 * layer}`;

/**
 * LLaVA-1.5 (Liu et al., 2023): CLIP's ViT up to the block before the last, without its class token; two layers with
 * GELU between them; Vicuna v1.5.
 */
export const llava: Family = {
  name: 'llava-1.5',
  title: 'LLaVA-1.5',
  signature: [/(?:^|\.)(?:multi_modal_projector\.linear_1|mm_projector\.0)\./],
  parts: {
    vit: {
      ...clipVit,
      names: [/^(?:model\.)?(?:vision_tower\.){1,2}(vision_model\..*)$/, ...clipVit.names],
    },
    projection: {
      title: "LLaVA's projector",
      names: [/^(?:model\.)?((?:multi_modal_projector|mm_projector)\..*)$/],
    },
    llm: {
      title: "LLaVA's language model",
      names: [
        /^language_model\.(.*)$/,
        /^(model\.)language_model\.(.*)$/,
        /^(model\.(?:embed_tokens|layers|norm)\..*|lm_head\..*)$/,
      ],
    },
  },

  read({ projection, llm, settings }) {
    const isHuggingFace = projection.has(`${huggingFace(0, 2)}.weight`);
    const nameOf = isHuggingFace ? huggingFace : original;
    const vit = settings.vit ?? {};
    const config = isHuggingFace
      ? readHuggingFaceConfig(settings.llm ?? {}, vit)
      : readOriginalConfig(settings.llm ?? {});
    const vision = readClipVision(vit, config.visionLayer);
    const [, inputs] = projectionMatrices(projection, nameOf)[0]!;
    if (inputs !== vision.width) {
      throw new CodedError(
        'checkpoint-mismatch',
        `The projector takes vectors of ${inputs} numbers, but the vision tower makes vectors of ${vision.width}. Take the tower that config.json names, openai/clip-vit-large-patch14-336.`,
      );
    }
    const decoder = readDecoder(llm, config.llm);
    return {
      architecture: architectureConfig.parse({
        vision: { ...vision, resizing: config.resizing(vision.imageSize) },
        qFormer: null,
        projection: {
          ...readProjection(projection, nameOf, vision, null, decoder),
          activation: 'gelu',
        },
        decoder,
      }),
      layout: {
        vision: 'clip',
        visionNorm: 'identity',
        projection: nameOf,
        tiedHead: !llm.has(publishedHead),
      },
      template: 'vicuna-v1',
      generation,
      spaceAfterEnd: config.spaceAfterEnd,
      notices: [],
    };
  },
};
