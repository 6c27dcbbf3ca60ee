import {
  architectureConfig,
  llamaProjection,
  projectionMatrices,
  publishedHead,
  readDecoder,
  readProjection,
  readQFormer,
  type TensorShapes,
} from '#libs/minigpt4';

import { assumedHeads, evaVit, readEvaVision } from './eva-clip.js';
import type { Family, GenerationDefaults } from './family.js';
import { refuseWrongLanguageModel } from './language-model-of-minigpt-4.js';

/** The demo's settings (MiniGPT-4, demo.py and conversation.py; top_k is transformers' default). */
const generation: GenerationDefaults = {
  temperature: 1,
  topP: 0.9,
  topK: 50,
  repetitionPenalty: 1.05,
  maxNewTokens: 300,
};

/**
 * MiniGPT-4 (Zhu et al., 2023) with Vicuna v0 or Llama-2, and the ablations of its paper: EVA's ViT, a Q-Former or
 * joined patches, linear layers, a LLaMA.
 */
export const miniGpt4: Family = {
  name: 'minigpt-4',
  title: 'MiniGPT-4',
  signature: [/(?:^|\.)llama_proj\./],
  parts: {
    vit: evaVit,
    qFormer: {
      title: 'the Q-Former, blip2_pretrained_flant5xxl.pth or the same BLIP-2 folder',
      names: [/^(?:model\.)?((?:Qformer|ln_vision)\..*|query_tokens)$/, /^(qformer\..*)$/],
      optional: true,
    },
    projection: {
      title: 'what MiniGPT-4 trained, such as pretrained_minigpt4.pth',
      names: [/^(?:model\.)?(llama_proj\..*)$/],
    },
    llm: {
      title: 'the language model, Vicuna v0 or Llama-2-7b-chat',
      names: [/^(model\.(?:embed_tokens|layers|norm)\..*|lm_head\..*)$/],
    },
  },

  read(checkpoints, hints) {
    const notices: string[] = [];
    const headsOf = assumedHeads(notices);
    const { layout, vision } = readEvaVision(checkpoints, hints, headsOf);
    const published = checkpoints.qFormer;
    const used = published && !skipsQFormer(published, checkpoints.projection, vision.width);
    if (published && !used) {
      notices.push(
        'The projection takes neighbouring patches, so the Q-Former is left out; of its file only ln_vision is used. Leave the file out for the released Llama-2 model, which has no ln_vision.',
      );
    }
    const qFormer = used ? readQFormer(published, layout, headsOf(hints.qformer?.heads, 'Q-Former')) : null;
    const decoder = readDecoder(checkpoints.llm, checkpoints.settings.llm?.config);
    const architecture = architectureConfig.parse({
      vision,
      qFormer: qFormer && { ...qFormer, layerNormEpsilon: hints.qformer?.layer_norm_eps },
      projection: readProjection(checkpoints.projection, llamaProjection, vision, qFormer, decoder),
      decoder,
    });
    return {
      architecture,
      layout: {
        vision: layout,
        visionNorm: published ? 'q-former-checkpoint' : 'identity',
        projection: llamaProjection,
        tiedHead: !checkpoints.llm.has(publishedHead),
      },
      template: architecture.qFormer ? 'vicuna-v0' : 'llama-2-chat',
      generation,
      spaceAfterEnd: true,
      notices,
    };
  },

  refuseWrongLanguageModel({ architecture }, { settings }) {
    refuseWrongLanguageModel(architecture, settings.llm?.config);
  },
};

/** Whether the projection was trained on joined patches, as in ablation (a), and not on the Q-Former's outputs. */
function skipsQFormer(qFormer: TensorShapes, projection: TensorShapes, visionWidth: number): boolean {
  const inputs = projectionMatrices(projection, llamaProjection)[0]![1]!;
  return qFormer.get('query_tokens')?.at(-1) !== inputs && inputs % visionWidth === 0;
}
