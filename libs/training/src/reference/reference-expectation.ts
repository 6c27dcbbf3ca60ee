import { z } from 'zod';

import { readExpectation } from '#libs/reference';

const trainingStage = z.object({
  items: z.array(
    z.object({ image: z.string(), prompt: z.string(), answer: z.string(), end_symbol: z.string() }),
  ),
});

/** What a reference folder's `expected.json` says of training; its expected results are not looked at. */
const expectation = z.object({
  training: z.object({
    stage1: trainingStage,
    stage2: trainingStage,
    adamw10: z.object({
      items: z.enum(['stage1', 'stage2']).default('stage2'),
      lr: z.number(),
      betas: z.tuple([z.number(), z.number()]),
      weight_decay: z.number(),
      bias_weight_decay: z.number(),
    }),
  }),
});
export type ReferenceTraining = z.infer<typeof expectation>['training'];
export type ReferenceItem = z.infer<typeof trainingStage>['items'][number];

/** @throws ReferenceFolderError */
export async function readReferenceTraining(folder: string): Promise<ReferenceTraining> {
  return (await readExpectation(folder, expectation)).training;
}
