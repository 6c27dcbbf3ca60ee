import { CodedError } from '#libs/errors';
import {
  architectureConfig,
  type LlamaConfig,
  type ProjectionNames,
  publishedHead,
  readDecoder,
  readProjection,
  readQFormer,
  readQFormerText,
} from '#libs/minigpt4';

import { isOfType, readBlip2Config } from './blip-2-config.js';
import { assumedHeads, evaVit, readEvaVision } from './eva-clip.js';
import type { Family, GenerationDefaults } from './family.js';
import { llamaDefaults } from './llama-defaults.js';

/** LAVIS's (blip2_vicuna_instruct.py, `generate`), but for its five beams: replies here are the likeliest tokens. */
const generation: GenerationDefaults = {
  temperature: 0,
  topP: 0.9,
  topK: 50,
  repetitionPenalty: 1.5,
  maxNewTokens: 256,
};

/** One layer, whichever is asked for. */
const huggingFace: ProjectionNames = () => 'language_projection';
const original: ProjectionNames = () => 'llm_proj';

/**
 * InstructBLIP (Dai et al., 2023) with Vicuna v1.1: EVA's ViT, a Q-Former that reads the question as well, one linear
 * layer, pictures before all text, which begins with the token that ends a sequence.
 */
export const instructBlip: Family = {
  name: 'instructblip-vicuna',
  title: 'InstructBLIP with Vicuna',
  signature: [
    /^(?:model\.)?(?:llm_proj|language_projection)\./,
    /^(?:model\.)?(?:Qformer\.bert|qformer)\.embeddings\.word_embeddings\./,
  ],
  parts: {
    vit: evaVit,
    qFormer: {
      title: 'the Q-Former, instruct_blip_vicuna7b_trimmed.pth or a folder of InstructBLIP',
      names: [/^(?:model\.)?((?:Qformer|ln_vision)\..*|query_tokens)$/, /^(qformer\..*)$/],
    },
    projection: {
      title: "InstructBLIP's projection, instruct_blip_vicuna7b_trimmed.pth or a folder of InstructBLIP",
      names: [/^(?:model\.)?(llm_proj\..*)$/, /^(language_projection\..*)$/],
    },
    llm: {
      title: 'the language model, Vicuna v1.1 or a folder of InstructBLIP with Vicuna',
      names: [/^(?:language_model\.)?(model\.(?:embed_tokens|layers|norm)\..*|lm_head\..*)$/],
    },
  },
  questionVocabulary: "BERT's vocab.txt, of bert-base-uncased or the folder qformer_tokenizer",

  read({ vit, qFormer: published, projection, llm, settings }, hints) {
    const notices = ['InstructBLIP searches five beams; here a reply takes the likeliest token each time.'];
    const config = readBlip2Config(settings, 'instructblip');
    const headsOf = assumedHeads(notices);
    const known = {
      vit: { ...hints.vit, ...config.vit },
      qformer: { ...hints.qformer, ...config.qformer },
    };
    const { layout, vision } = readEvaVision({ vit }, known, headsOf);
    const shapes = published ?? new Map();
    const qFormer = readQFormer(shapes, layout, headsOf(known.qformer.heads, 'Q-Former'));
    const isWhole = isOfType(settings.llm?.config, 'instructblip');
    const decoder = readDecoder(llm, isWhole ? { ...llamaDefaults, ...Object(config.llm) } : config.llm);
    const nameOf = projection.has(`${huggingFace(0, 1)}.weight`) ? huggingFace : original;
    return {
      architecture: architectureConfig.parse({
        vision,
        qFormer: {
          ...qFormer,
          layerNormEpsilon: known.qformer.layer_norm_eps,
          text: readQFormerText(shapes, layout),
        },
        projection: readProjection(projection, nameOf, vision, qFormer, decoder),
        decoder,
      }),
      layout: {
        vision: layout,
        visionNorm: 'q-former-checkpoint',
        projection: nameOf,
        tiedHead: !llm.has(publishedHead),
      },
      template: 'instruction',
      generation,
      spaceAfterEnd: true,
      beginsAfterImages: true,
      beginsWithEnd: true,
      notices,
    };
  },

  refuseWrongLanguageModel({ architecture }, { settings }) {
    if (!isOfType(settings.llm?.config, 'instructblip'))
      refuseOtherVicuna(architecture.decoder as LlamaConfig);
  },
};

/** @throws CodedError `checkpoint-mismatch` for Vicuna v0, whose table has a row for padding, and v1.5, which is a Llama 2. */
function refuseOtherVicuna({ hidden, vocabulary, contextLength, rmsNormEpsilon }: LlamaConfig): void {
  const isPublished = [4096, 5120].includes(hidden);
  const isV0 = isPublished && vocabulary === 32_001;
  if (!isV0 && !(contextLength === 4096 && rmsNormEpsilon === 1e-5)) return;
  throw new CodedError(
    'checkpoint-mismatch',
    `This language model is Vicuna ${isV0 ? 'v0' : 'v1.5'}. InstructBLIP was trained with v1.1 (published as lmsys/vicuna-7b-v1.1 and lmsys/vicuna-13b-v1.1) and gives poor or garbled text with any other. If you have trained a projection for this model, add --any-llm.`,
  );
}
