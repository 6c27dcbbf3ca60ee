import { shapes } from '#libs/benchmark';
import { type ArchitectureConfig, architectureConfig, type DecoderConfig } from '#libs/minigpt4';

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

/** The published models that `pull` knows, in the sizes that decide whether they fit. */
export const publishedSizes: Readonly<Record<string, ArchitectureConfig>> = {
  'minigpt4-vicuna-7b': {
    vision,
    qFormer,
    projection: { widths: [768, 4_096], patchesPerToken: 1, activation: 'none' },
    decoder: decoder7b,
  },
  'minigpt4-llama2-7b': {
    vision,
    qFormer: null,
    projection: { widths: [5_632, 4_096], patchesPerToken: 4, activation: 'none' },
    decoder: { ...decoder7b, vocabulary: 32_000 },
  },
  'minigpt4-vicuna-13b': {
    vision,
    qFormer,
    projection: { widths: [768, 5_120], patchesPerToken: 1, activation: 'none' },
    decoder: decoder13b,
  },
  'llava-1.5-7b': llava({ ...decoder7b, vocabulary: 32_064, contextLength: 4_096 }),
  'llava-1.5-13b': llava({ ...decoder13b, vocabulary: 32_064, contextLength: 4_096 }),
};
