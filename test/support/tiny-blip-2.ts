import { resolve } from 'node:path';

import type { WholeModel } from './blip-2-folder.js';

const lavis = (family: string, file: string) => resolve('test/fixtures/families', family, 'lavis', file);

/** Small random models in LAVIS's files. */
export const tinyBlip2: WholeModel = {
  modelType: 'blip-2',
  vit: lavis('blip2-opt', 'eva_vit_g.pth'),
  qFormer: lavis('blip2-opt', 'blip2_pretrained_opt2.7b.pth'),
  llm: lavis('blip2-opt', 'opt-2.7b'),
  heads: 4,
  rows: 704,
};

export const tinyInstructBlip: WholeModel & {
  /** The folder of the vocabulary that its Q-Former reads questions by. */
  readonly vocabulary: string;
} = {
  modelType: 'instructblip',
  vit: lavis('instructblip', 'eva_vit_g.pth'),
  qFormer: lavis('instructblip', 'instruct_blip_vicuna7b_trimmed.pth'),
  llm: lavis('instructblip', 'llm/vicuna-7b'),
  heads: 4,
  rows: 1536,
  vocabulary: lavis('instructblip', 'bert-base-uncased'),
};
