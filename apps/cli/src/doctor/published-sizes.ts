import { shapes } from '#libs/benchmark';
import {
  type ArchitectureConfig,
  architectureConfig,
  type DecoderConfig,
  type QFormerConfig,
} from '#libs/minigpt4';

const { vision, qFormer } = shapes['vit-g'];

const decoder7b = { ...shapes['7b'].decoder, vocabulary: 32_001 };

/** LLaMA 13B (Touvron et al., 2023, table 2). */
const decoder13b = {
  ...decoder7b,
  hidden: 5_120,
  layers: 40,
  heads: 40,
  keyValueHeads: 40,
  intermediate: 13_824,
};

/** LLaVA-1.5 with CLIP ViT-L/14-336 (Liu et al., 2023). */
function llava(decoder: DecoderConfig): ArchitectureConfig {
  return architectureConfig.parse({
    vision: {
      imageSize: 336,
      resizing: 'crop',
      patchSize: 14,
      width: 1_024,
      depth: 23,
      heads: 16,
      mlpWidth: 4_096,
      activation: 'quick-gelu',
      inputNorm: true,
      layerNormEpsilon: 1e-5,
      outputLayerNormEpsilon: null,
    },
    qFormer: null,
    projection: { widths: [1_024, decoder.hidden, decoder.hidden], activation: 'gelu' },
    decoder: { ...decoder, rmsNormEpsilon: 1e-5 },
  });
}

/** With Llama-2 7B Chat, and four neighbouring patches in a visual token. */
const joinedPatches = (imageSize: number): ArchitectureConfig => ({
  vision: { ...vision, imageSize },
  qFormer: null,
  projection: { widths: [4 * vision.width, 4_096], patchesPerToken: 4, activation: 'none' },
  decoder: { ...decoder7b, vocabulary: 32_000 },
});

/** One layer, from the Q-Former. */
const afterQFormer = (decoder: DecoderConfig, text?: QFormerConfig['text']): ArchitectureConfig =>
  architectureConfig.parse({
    vision,
    qFormer: { ...qFormer, text },
    projection: { widths: [qFormer!.hidden, decoder.hidden] },
    decoder,
  });

/** OPT (Zhang et al., 2022, table 1), with the rows of its embedding table as published. */
const opt = (hidden: number): DecoderConfig => ({
  kind: 'opt',
  hidden,
  layers: 32,
  heads: 32,
  keyValueHeads: 32,
  intermediate: 4 * hidden,
  vocabulary: 50_304,
  contextLength: 2_048,
  layerNormEpsilon: 1e-5,
});

/** BERT base, uncased, with one token more (Dai et al., 2023). */
const questions = { vocabulary: 30_523, positions: 512, maxTokens: 128 };

/**
 * The published models that `pull` knows, in the sizes that decide whether they fit. The first that fits is recommended:
 * those that know most and talk best come first, and 13B after 7B, being half as fast and little better.
 */
export const publishedSizes: Readonly<Record<string, ArchitectureConfig>> = {
  'llava-1.5-7b': llava({ ...decoder7b, vocabulary: 32_064, contextLength: 4_096 }),
  'minigpt-v2': joinedPatches(448),
  'minigpt4-vicuna-7b': afterQFormer(decoder7b),
  'minigpt4-llama2-7b': joinedPatches(224),
  'instructblip-vicuna-7b': afterQFormer({ ...decoder7b, vocabulary: 32_064 }, questions),
  'llava-1.5-13b': llava({ ...decoder13b, vocabulary: 32_064, contextLength: 4_096 }),
  'minigpt4-vicuna-13b': afterQFormer(decoder13b),
  'instructblip-vicuna-13b': afterQFormer({ ...decoder13b, vocabulary: 32_064 }, questions),
  'blip2-opt-6.7b': afterQFormer(opt(4_096)),
  'blip2-opt-2.7b': afterQFormer(opt(2_560)),
};
