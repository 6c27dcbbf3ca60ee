import { CodedError } from '#libs/errors';
import {
  architectureConfig,
  type DecoderAdapters,
  llamaProjection,
  type PublishedCheckpoints,
  publishedHead,
  readDecoder,
  readProjection,
  type TensorShapes,
} from '#libs/minigpt4';

import { assumedHeads, evaVit, readEvaVision } from './eva-clip.js';
import type { Family, GenerationDefaults } from './family.js';
import { refuseWrongLanguageModel } from './language-model-of-minigpt-4.js';
import { miniGpt4 } from './minigpt-4.js';

/** The demo's settings (MiniGPT-v2, demo_v2.py; top_k is transformers' default). */
const generation: GenerationDefaults = {
  temperature: 0.6,
  topP: 0.9,
  topK: 50,
  repetitionPenalty: 1.05,
  maxNewTokens: 500,
};

/** Of the configurations of all three stages (minigpt_v2, train_configs). */
const PUBLISHED_ALPHA = 16;

/** Pictures have twice the side that the ViT was published for: 448 pixels (minigpt_v2.py). */
const ENLARGEMENT = 2;

/**
 * MiniGPT-v2 (Chen et al., 2023): EVA's ViT at twice its size, four neighbouring patches joined, one linear layer, and
 * Llama-2 with low-rank changes, which conversion adds to its matrices. It answers with places in the picture, too.
 */
export const miniGptV2: Family = {
  name: 'minigpt-v2',
  title: 'MiniGPT-v2',
  signature: [/(?:^|\.)llama_proj\./, /\.lora_A\./],
  parts: {
    vit: evaVit,
    projection: {
      title: 'what MiniGPT-v2 trained, minigptv2_checkpoint.pth',
      names: [/^(?:model\.)?((?:llama_proj|llama_model\.base_model)\..*)$/],
    },
    llm: { title: 'the language model, Llama-2-7b-chat', names: miniGpt4.parts.llm!.names },
  },

  read(checkpoints, hints) {
    const notices: string[] = [];
    const { layout, vision } = readEvaVision(checkpoints, hints, assumedHeads(notices));
    const decoder = readDecoder(checkpoints.llm, checkpoints.settings.llm?.config);
    const architecture = architectureConfig.parse({
      vision,
      qFormer: null,
      projection: readProjection(checkpoints.projection, llamaProjection, vision, null, decoder),
      decoder,
    });
    return {
      architecture,
      layout: {
        vision: layout,
        visionNorm: 'identity',
        projection: llamaProjection,
        tiedHead: !checkpoints.llm.has(publishedHead),
        adapters: lowRankAdapters(checkpoints, notices),
      },
      imageSize: ENLARGEMENT * vision.imageSize,
      template: 'minigpt-v2',
      generation,
      spaceAfterEnd: true,
      notices,
    };
  },

  refuseWrongLanguageModel({ architecture }, { settings }) {
    refuseWrongLanguageModel(architecture, settings.llm?.config);
  },
};

/** Of the matrices of queries and values, as every published checkpoint has them. */
function lowRankAdapters({ projection, settings }: PublishedCheckpoints, notices: string[]): DecoderAdapters {
  const other = [...projection.keys()].find(
    (name) => name.includes('.lora_A.') && !/\.[qv]_proj\.lora_A\./.test(name),
  );
  if (other)
    throw new CodedError(
      'checkpoint-mismatch',
      `"${other}" changes a matrix that MiniGPT-v2 leaves as it is.`,
    );
  const stored = settings.projection?.stored?.get('config.model.lora_alpha');
  if (typeof stored !== 'number') {
    notices.push(
      `The checkpoint does not say how strong its low-rank changes are; alpha ${PUBLISHED_ALPHA} was assumed, as in MiniGPT-v2's configurations.`,
    );
  }
  const alpha = typeof stored === 'number' ? stored : PUBLISHED_ALPHA;
  return (matrix, [outputs = 0, inputs = 0]) => {
    if (!/\.[qv]_proj$/.test(matrix)) return undefined;
    const down = adapterName(projection, matrix, 'lora_A');
    const rank = projection.get(down)?.[0] ?? 0;
    return {
      down: { checkpoint: 'projection', name: down, shape: [rank, inputs] },
      up: {
        checkpoint: 'projection',
        name: adapterName(projection, matrix, 'lora_B'),
        shape: [outputs, rank],
      },
      factor: alpha / rank,
    };
  };
}

/** Newer versions of peft name the adapter, "default". */
function adapterName(projection: TensorShapes, matrix: string, part: 'lora_A' | 'lora_B'): string {
  const name = `llama_model.base_model.model.${matrix}.${part}`;
  return projection.has(`${name}.default.weight`) ? `${name}.default.weight` : `${name}.weight`;
}
