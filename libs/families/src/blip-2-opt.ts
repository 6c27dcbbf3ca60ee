import {
  architectureConfig,
  type ProjectionNames,
  readOpt,
  readProjection,
  readQFormer,
} from '#libs/minigpt4';

import { readBlip2Config } from './blip-2-config.js';
import { assumedHeads, evaVit, readEvaVision } from './eva-clip.js';
import type { Family, GenerationDefaults } from './family.js';

/** Transformers' and the paper's: the likeliest tokens. LAVIS takes at most 30 of them. */
const generation: GenerationDefaults = {
  temperature: 0,
  topP: 1,
  topK: 50,
  repetitionPenalty: 1,
  maxNewTokens: 30,
};

/** One layer; several would be numbered. */
const named =
  (name: string): ProjectionNames =>
  (layer, count) =>
    count === 1 ? name : `${name}.${layer}`;
const huggingFace = named('language_projection');
const original = named('opt_proj');

/** BLIP-2 (Li et al., 2023) with OPT: EVA's ViT, a Q-Former, one linear layer, pictures before all text. */
export const blip2Opt: Family = {
  name: 'blip2-opt',
  title: 'BLIP-2 with OPT',
  signature: [
    /^(?:model\.)?(?:opt_proj|language_projection)\./,
    /^(?:language_model\.)?(?:model\.)?decoder\.layers\./,
  ],
  parts: {
    vit: evaVit,
    qFormer: {
      title: 'the Q-Former, blip2_pretrained_opt2.7b.pth or a folder of BLIP-2',
      names: [/^(?:model\.)?((?:Qformer|ln_vision)\..*|query_tokens)$/, /^(qformer\..*)$/],
    },
    projection: {
      title: "BLIP-2's projection, blip2_pretrained_opt2.7b.pth or a folder of BLIP-2",
      names: [/^(?:model\.)?(opt_proj\..*)$/, /^(language_projection\..*)$/],
    },
    llm: {
      title: 'the language model, such as facebook/opt-2.7b or a folder of BLIP-2',
      names: [/^(?:language_model\.)?(?:model\.)?(decoder\..*)$/],
    },
  },

  read({ vit, qFormer: published, projection, llm, settings }, hints) {
    const notices: string[] = [];
    const config = readBlip2Config(settings, 'blip-2');
    const headsOf = assumedHeads(notices);
    const known = {
      ...hints,
      vit: { ...hints.vit, ...config.vit },
      qformer: { ...hints.qformer, ...config.qformer },
    };
    const { layout, vision } = readEvaVision({ vit }, known, headsOf);
    const qFormer = readQFormer(published ?? new Map(), layout, headsOf(known.qformer.heads, 'Q-Former'));
    const decoder = readOpt(llm, config.llm);
    const nameOf = projection.has(`${huggingFace(0, 1)}.weight`) ? huggingFace : original;
    return {
      architecture: architectureConfig.parse({
        vision,
        qFormer: { ...qFormer, layerNormEpsilon: known.qformer.layer_norm_eps },
        projection: readProjection(projection, nameOf, vision, qFormer, decoder),
        decoder,
      }),
      layout: { vision: layout, visionNorm: 'q-former-checkpoint', projection: nameOf, tiedHead: true },
      template: 'question-answer',
      generation,
      spaceAfterEnd: true,
      beginsAfterImages: true,
      vocabulary: { kind: 'byte-level-bpe', sequenceToken: config.sequenceToken, endOfReply: '\n' },
      notices,
    };
  },
};
