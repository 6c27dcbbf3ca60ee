import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

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

/** A reference folder cannot be used. */
export class ReferenceFolderError extends Error {
  override readonly name = 'ReferenceFolderError';
}

/** @throws ReferenceFolderError */
export async function readReferenceTraining(folder: string): Promise<ReferenceTraining> {
  const path = join(folder, 'expected.json');
  try {
    return expectation.parse(JSON.parse(await readFile(path, 'utf8'))).training;
  } catch (cause) {
    const problem = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new ReferenceFolderError(`${path} does not describe a training to compute: ${problem}`, { cause });
  }
}

/** The image file of a name, whatever its format. @throws ReferenceFolderError */
export async function readReferenceImage(folder: string, image: string): Promise<Uint8Array> {
  const files = await readdir(folder);
  const file = files.find(
    (name) => /\.(png|jpe?g|webp)$/i.test(name) && name.replace(/\.\w+$/, '') === image,
  );
  if (!file) throw new ReferenceFolderError(`${folder} holds no image "${image}".`);
  return readFile(join(folder, file));
}
