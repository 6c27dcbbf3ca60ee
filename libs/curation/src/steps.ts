import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { inParallel } from '#libs/concurrency';
import { type Engine, isEngineFault } from '#libs/engine';

import type { Curation, Pair } from './curation.js';
import { describeImage } from './describe-image.js';
import type { SourceImage } from './image-folder.js';

import type { RepairModel } from './repair-model.js';

/** Requests to the repair model that are under way at once. */
const REPAIRS_AT_ONCE = 4;

type OnProgress = (done: number, total: number) => void;

/** The pictures that were not looked at yet. */
export function undescribed(curation: Curation, images: readonly SourceImage[]): SourceImage[] {
  return images.filter(({ id }) => curation.pair(id) === undefined);
}

/** The descriptions that were not sent to the repair model yet. */
export function unrepaired(curation: Curation): Pair[] {
  return curation.pairs.filter(({ described, repaired, refused }) => described && !repaired && !refused);
}

export async function describeImages(
  curation: Curation,
  engine: Engine,
  images: readonly SourceImage[],
  onProgress: OnProgress,
): Promise<void> {
  const { images: folder, seed } = curation.settings;
  let done = 0;
  await inParallel(images, engine.limits.slots, async ({ id, file }) => {
    const bytes = await readFile(join(folder, file));
    try {
      const description = await describeImage(engine, bytes, seed);
      curation.record({ step: 'described', id, file, ...description });
    } catch (error) {
      if (!isEngineFault(error, 'invalid-image')) throw error;
      curation.record({ step: 'unreadable', id, file, reason: error.message });
    }
    onProgress(++done, images.length);
  });
}

export async function repairDescriptions(
  curation: Curation,
  model: RepairModel,
  pairs: readonly Pair[],
  onProgress: OnProgress,
): Promise<void> {
  curation.record({ step: 'repairing', by: model.identity });
  let done = 0;
  await inParallel(pairs, REPAIRS_AT_ONCE, async ({ id, described }) => {
    const answer = await model.repair(described?.text ?? '');
    if (answer.kind === 'refused') {
      curation.record({ step: 'refused', id, reason: answer.reason });
    } else {
      const { text, promptTokens, completionTokens } = answer;
      curation.record({ step: 'repaired', id, answer: text, promptTokens, completionTokens });
    }
    onProgress(++done, pairs.length);
  });
}
