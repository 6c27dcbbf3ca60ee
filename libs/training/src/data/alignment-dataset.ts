import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { z } from 'zod';
import { CodedError, hasCode } from '#libs/errors';

import { digestOfFile, parseForeignJson, sizeOfFile } from '#libs/files';
import { Random } from '../random.js';
import {
  type Dataset,
  type DatasetDescription,
  type SampleStream,
  type SkippedSample,
  type StreamOptions,
  type StreamPosition,
  type TrainingSample,
} from './dataset.js';
import { randomOrder } from './random-order.js';

const CAPTIONS = 'filter_cap.json';

const annotation = z.object({
  // As the name of a file, never a way out of the folder.
  image_id: z
    .union([z.string(), z.int()])
    .transform(String)
    .refine((id) => !/[/\\]/.test(id)),
  caption: z.string(),
});

const captionFile = z.object({ annotations: z.array(z.unknown()) });

/**
 * Detailed descriptions in the layout of the original's `cc_sbu_align`: `filter_cap.json` and `image/ID.jpg` (or .png, .webp). They
 * are used as they are, in a new random order in each pass.
 */
export function alignmentDataset(folder: string): Dataset {
  return {
    describe: () => describe(folder),
    open: async (options) => new AlignmentStream(folder, await readAnnotations(folder), options),
  };
}

async function describe(folder: string): Promise<DatasetDescription> {
  const captions = join(folder, CAPTIONS);
  const images = createHash('sha256');
  let bytes = 0;
  for (const id of (await readAnnotations(folder)).flatMap(idOf)) {
    const image = (await readImage(folder, id))?.image ?? Buffer.alloc(0);
    images.update(image);
    bytes += image.length;
  }
  return {
    files: [
      { file: captions, bytes: await sizeOfFile(captions), sha256: await digestOfFile(captions) },
      // Thousands of small files, digested one after the other as the captions name them.
      { file: join(folder, 'image'), bytes, sha256: images.digest('hex') },
    ],
  };
}

async function readAnnotations(folder: string): Promise<readonly unknown[]> {
  const path = join(folder, CAPTIONS);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new CodedError(
      'dataset',
      `${path} cannot be read. A folder of descriptions holds ${CAPTIONS} and the folder image.`,
      { cause },
    );
  });
  try {
    return captionFile.parse(parseForeignJson(bytes)).annotations;
  } catch (cause) {
    const why = hasCode(cause, 'foreign-text') ? `: ${cause.message}` : '';
    throw new CodedError(
      'dataset',
      `${path} is not {"annotations": [{"image_id": "1", "caption": "…"}, …]}${why}. Was it cut off?`,
      { cause },
    );
  }
}

function idOf(entry: unknown): string[] {
  const parsed = annotation.safeParse(entry);
  return parsed.success ? [parsed.data.image_id] : [];
}

/** What the pictures' names may end in; the original's end in .jpg. */
const endings = ['.jpg', '.jpeg', '.png', '.webp'];

/** The picture of an id, which may carry its file's ending; undefined where there is none. */
async function readImage(folder: string, id: string): Promise<{ path: string; image: Buffer } | undefined> {
  const given = extname(id).toLowerCase();
  const names = endings.includes(given)
    ? [id]
    : endings.flatMap((ending) => [id + ending, id + ending.toUpperCase()]);
  for (const name of names) {
    const path = join(folder, 'image', name);
    const image = await readFile(path).catch(() => undefined);
    if (image) return { path, image };
  }
  return undefined;
}

const streamPosition = z.strictObject({ draws: z.int(), pass: z.int(), place: z.int() });

class AlignmentStream implements SampleStream {
  private draws: number;
  private pass: number;
  private place: number;
  private order: readonly number[];

  constructor(
    private readonly folder: string,
    private readonly annotations: readonly unknown[],
    private readonly options: StreamOptions,
  ) {
    const start = streamPosition.parse(options.position ?? { draws: 0, pass: 0, place: 0 });
    this.draws = start.draws;
    this.pass = start.pass;
    this.place = start.place;
    this.order = this.orderOfPass();
  }

  async next(): Promise<TrainingSample> {
    while (true) {
      if (this.place === this.order.length) this.beginPass();
      const entry = this.annotations[this.order[this.place++]!];
      const sample = await readSample(this.folder, entry);
      if (sample.kind === 'sample') return { ...sample.pair, draw: this.draws++ };
      if (this.pass === 0) this.options.onSkipped?.(sample.skipped);
    }
  }

  private beginPass(): void {
    if (this.draws === 0) {
      throw new CodedError(
        'dataset',
        `${this.folder} holds no usable pair. ${CAPTIONS} names the pictures with their captions; the pictures are image/ID.jpg.`,
      );
    }
    this.pass++;
    this.place = 0;
    this.order = this.orderOfPass();
  }

  private orderOfPass(): number[] {
    return randomOrder(this.annotations.length, new Random(this.options.seed, 'pass', this.pass));
  }

  position(): StreamPosition {
    return { draws: this.draws, pass: this.pass, place: this.place };
  }

  async close(): Promise<void> {}
}

type ReadSample =
  | { readonly kind: 'sample'; readonly pair: Omit<TrainingSample, 'draw'> }
  | { readonly kind: 'skipped'; readonly skipped: SkippedSample };

async function readSample(folder: string, entry: unknown): Promise<ReadSample> {
  const skipped = (key: string, reason: string): ReadSample => ({
    kind: 'skipped',
    skipped: { key, reason },
  });
  const parsed = annotation.safeParse(entry);
  if (!parsed.success) {
    return skipped(
      CAPTIONS,
      `${JSON.stringify(entry).slice(0, 80)} has no usable "image_id" or no "caption".`,
    );
  }
  const { image_id: id, caption } = parsed.data;
  const name = join(folder, 'image', id);
  if (caption.trim() === '') return skipped(name, 'Its caption is empty.');
  const found = await readImage(folder, id);
  if (!found) return skipped(name, `There is no such picture that can be read (${endings.join(', ')}).`);
  return { kind: 'sample', pair: { key: found.path, image: found.image, caption } };
}
