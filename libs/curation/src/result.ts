import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { CodedError } from '#libs/errors';
import { replaceFile } from '#libs/files';

import { imageAsJpeg } from '#libs/images';

import { type Curation, judgeByRules, outcomeOf, type Pair } from './curation.js';
import { CONTINUE, DESCRIBE } from './describe-image.js';
import { mediaTypes } from './image-folder.js';
import { REPAIR } from './repair-model.js';
import type { DropReason, Mending } from './rules.js';

const CAPTIONS = 'filter_cap.json';
const IMAGES = 'image';
const REPORT = 'report.json';

const JPEG_QUALITY = 95;

/** As much as the engine decodes. */
const MAX_PIXELS = 50_000_000;

/** How many pairs went which way. */
export interface CurationReport {
  readonly images: number;
  readonly continued: number;
  readonly repaired: number;
  readonly mended: Readonly<Partial<Record<Mending, number>>>;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  /** By hand: `edited` are among the kept. */
  readonly reviewed: { readonly kept: number; readonly edited: number; readonly rejected: number };
  /** In the result. */
  readonly pairs: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export function reportOf({ pairs }: Curation): CurationReport {
  const outcomes = pairs.map(outcomeOf);
  const sum = (tokens: (pair: Pair) => number | undefined) =>
    pairs.reduce((total, pair) => total + (tokens(pair) ?? 0), 0);
  const kept = pairs.filter(({ reviewed }) => reviewed?.decision === 'keep');
  return {
    images: pairs.length,
    continued: pairs.filter(({ described }) => described?.isContinued).length,
    repaired: pairs.filter(({ repaired }) => repaired).length,
    mended: countEach(outcomes.flatMap((outcome) => (outcome.kind === 'unfinished' ? [] : outcome.mendings))),
    dropped: countEach(outcomes.flatMap((outcome) => (outcome.kind === 'dropped' ? [outcome.reason] : []))),
    reviewed: {
      kept: kept.length,
      edited: kept.filter(isEdited).length,
      rejected: pairs.filter(({ reviewed }) => reviewed?.decision === 'reject').length,
    },
    pairs: outcomes.filter(({ kind }) => kind === 'kept').length,
    promptTokens: sum(({ repaired }) => repaired?.promptTokens),
    completionTokens: sum(({ repaired }) => repaired?.completionTokens),
  };
}

/**
 * Writes the pairs that are kept as stage 2 reads them, `filter_cap.json` and `image/ID.jpg`, and `report.json`,
 * which says how they came about.
 */
export async function writeResult(curation: Curation): Promise<CurationReport> {
  const kept = curation.pairs.flatMap((pair) => {
    const outcome = outcomeOf(pair);
    return outcome.kind === 'kept' ? [{ pair, caption: outcome.caption }] : [];
  });
  await writeImages(
    curation,
    kept.map(({ pair }) => pair),
  );
  const annotations = kept.map(({ pair, caption }) => ({ image_id: pair.id, caption }));
  await writeJson(join(curation.folder, CAPTIONS), { annotations });
  const report = reportOf(curation);
  const prompts = { describe: DESCRIBE, continue: CONTINUE, repair: REPAIR };
  await writeJson(join(curation.folder, REPORT), {
    settings: curation.settings,
    repairedBy: curation.repairers,
    prompts,
    ...report,
  });
  return report;
}

function isEdited(pair: Pair): boolean {
  const judged = judgeByRules(pair);
  return judged.kind !== 'unfinished' && pair.reviewed?.caption !== judged.caption;
}

/** Puts in what is missing and takes out what is no longer kept. */
async function writeImages({ folder, settings }: Curation, kept: readonly Pair[]): Promise<void> {
  const images = join(folder, IMAGES);
  await mkdir(images, { recursive: true });
  const there = new Set(await readdir(images));
  const wanted = new Set(kept.map(nameOf));
  for (const name of there) if (!wanted.has(name)) await rm(join(images, name));
  for (const pair of kept) {
    if (there.has(nameOf(pair))) continue;
    await replaceFile(join(images, nameOf(pair)), await jpegOf(join(settings.images, pair.file)));
  }
}

function nameOf({ id }: Pair): string {
  return `${id}.jpg`;
}

/** JPEG files stay as they are; others become as the ViT sees them. */
async function jpegOf(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new CodedError(
      'curation',
      `${path} cannot be read any more. Put it back, or reject its pair in the review.`,
      {
        cause,
      },
    );
  });
  if (mediaTypes[extname(path).toLowerCase()] === 'image/jpeg') return bytes;
  return imageAsJpeg(bytes, { maxPixels: MAX_PIXELS, quality: JPEG_QUALITY });
}

async function writeJson(path: string, content: unknown): Promise<void> {
  await replaceFile(path, `${JSON.stringify(content, null, 1)}\n`);
}

function countEach<Name extends string>(names: readonly Name[]): Partial<Record<Name, number>> {
  const counts: Partial<Record<Name, number>> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
