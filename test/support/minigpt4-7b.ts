import type { ArchitectureConfig } from '#libs/minigpt4';

/**
 * MiniGPT-4 with Vicuna 7B v0, as published: every number written down, so that no default of ours stands in for one.
 * The norms differ: 1e-6 inside the ViT (eva_vit.py, `create_eva_vit_g`), PyTorch's 1e-5 after it (base_model.py,
 * `LayerNorm`), BERT's 1e-12 in the Q-Former (bert-base-uncased, `layer_norm_eps`), 1e-6 in the decoder.
 */
export const minigpt4With7b: ArchitectureConfig = {
  vision: {
    imageSize: 224,
    resizing: 'stretch',
    patchSize: 14,
    width: 1408,
    depth: 39,
    heads: 16,
    mlpWidth: 6144,
    activation: 'gelu',
    inputNorm: false,
    layerNormEpsilon: 1e-6,
    outputLayerNormEpsilon: 1e-5,
  },
  qFormer: {
    hidden: 768,
    layers: 12,
    heads: 12,
    intermediate: 3072,
    queries: 32,
    crossAttentionEvery: 2,
    layerNormEpsilon: 1e-12,
  },
  projection: { widths: [768, 4096], patchesPerToken: 1, activation: 'none' },
  decoder: {
    hidden: 4096,
    layers: 32,
    heads: 32,
    keyValueHeads: 32,
    intermediate: 11_008,
    vocabulary: 32_001,
    contextLength: 2048,
    rmsNormEpsilon: 1e-6,
    ropeBase: 10_000,
  },
};
