import { shapes } from '#libs/benchmark';
import type { ArchitectureConfig } from '#libs/minigpt4';

const { vision, qFormer, projection } = shapes['vit-g'];
const { decoder } = shapes['7b'];

/** MiniGPT-4 with Vicuna v0 7B as it is published: LLaMA's 32,000 rows of vocabulary and one for padding. */
export const fullSize: ArchitectureConfig = {
  vision,
  qFormer,
  projection: { widths: projection.widths.with(-1, decoder.hidden), patchesPerToken: 1, activation: 'none' },
  decoder: { ...decoder, vocabulary: 32_001 },
};
