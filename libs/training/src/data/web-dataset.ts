import { access } from 'node:fs/promises';
import { z } from 'zod';
import { CodedError } from '#libs/errors';

import { digestOfFile, sizeOfFile } from '#libs/files';
import { Random } from '../random.js';

import {
  type Dataset,
  type SampleStream,
  type StreamOptions,
  type StreamPosition,
  type TrainingSample,
} from './dataset.js';
import type { ShardSample } from './read-shard.js';
import { type SamplePlace, ShardSequence, samplesAt } from './shard-sequence.js';

/** Shards, and how often samples are taken from them beside other sources. */
export interface ShardSource {
  /** The shards' paths, with a range in braces: "laion_dataset/{00000..10488}.tar". */
  readonly shards: string;
  /** Weighed against the other sources' ratios, as `sample_ratio` of the original: any positive number. */
  readonly ratio: number;
}

export interface WebDatasetSettings {
  readonly sources: readonly ShardSource[];
  /** Samples held back to be drawn from at random. The original holds 1000. */
  readonly shuffleBuffer: number;
}

/**
 * Webdataset shards (img2dataset's layout) with captions from the web, cleaned up. Each source gives its shards in
 * a random order, over and over. Where the original takes each whole batch from one source, batches are mixed here.
 */
export function webDataset({ sources, shuffleBuffer }: WebDatasetSettings): Dataset {
  const shards = sources.map((source) => expandBraces(source.shards));
  return {
    describe: async () => ({
      files: await Promise.all(
        shards.flat().map(async (file) => ({
          file,
          bytes: await sizeOfFile(file),
          sha256: await digestOfFile(file),
        })),
      ),
    }),
    async open(options) {
      await requireFiles(shards.flat());
      const ratios = sources.map(({ ratio }) => ratio);
      return ShuffledStream.open(shards, ratios, shuffleBuffer, options);
    },
  };
}

const place = z.tuple([z.int(), z.int(), z.int()]);

const streamPosition = z.strictObject({
  draws: z.int(),
  reads: z.int(),
  sequences: z.array(z.strictObject({ pass: z.int(), shard: z.int(), sample: z.int() })),
  /** Source, shard and sample of everything in the buffer. */
  buffer: z.array(place),
});

type BufferedSample = ShardSample & { readonly source: number; readonly place: SamplePlace };

/** Draws at random from a buffer that is refilled from the sources by their ratios. */
class ShuffledStream implements SampleStream {
  private constructor(
    private readonly sequences: readonly ShardSequence[],
    private readonly ratios: readonly number[],
    private readonly bufferSize: number,
    private readonly seed: number,
    private readonly buffer: BufferedSample[],
    private reads: number,
    private draws: number,
  ) {}

  static async open(
    shards: readonly (readonly string[])[],
    ratios: readonly number[],
    bufferSize: number,
    { seed, position, onSkipped }: StreamOptions,
  ): Promise<ShuffledStream> {
    const start = position === undefined ? undefined : streamPosition.parse(position);
    const sequences = shards.map(
      (files, source) =>
        new ShardSequence({
          files,
          cleanCaption,
          seed,
          source,
          start: start?.sequences[source],
          onSkipped: onSkipped ?? (() => {}),
        }),
    );
    const buffer = start ? await readBuffer(shards, start.buffer) : [];
    return new ShuffledStream(
      sequences,
      ratios,
      bufferSize,
      seed,
      buffer,
      start?.reads ?? 0,
      start?.draws ?? 0,
    );
  }

  async next(): Promise<TrainingSample> {
    while (this.buffer.length < this.bufferSize) this.buffer.push(await this.read());
    const chosen = new Random(this.seed, 'draw', this.draws).below(this.buffer.length);
    const { key, image, caption } = this.buffer[chosen]!;
    this.buffer[chosen] = this.buffer.at(-1)!;
    this.buffer.pop();
    return { key, image, caption, draw: this.draws++ };
  }

  private async read(): Promise<BufferedSample> {
    const source = chooseByRatio(this.ratios, new Random(this.seed, 'source', this.reads).next());
    this.reads++;
    return { source, ...(await this.sequences[source]!.next()) };
  }

  position(): StreamPosition {
    return {
      draws: this.draws,
      reads: this.reads,
      sequences: this.sequences.map((sequence) => ({ ...sequence.position() })),
      buffer: this.buffer.map(({ source, place: { shard, sample } }) => [source, shard, sample]),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.sequences.map((sequence) => sequence.close()));
    this.buffer.length = 0;
  }
}

async function readBuffer(
  shards: readonly (readonly string[])[],
  places: readonly z.infer<typeof place>[],
): Promise<BufferedSample[]> {
  const bySource = await Promise.all(
    shards.map((files, source) => {
      const wanted = places.filter((candidate) => candidate[0] === source);
      return samplesAt(
        files,
        wanted.map(([, shard, sample]) => ({ shard, sample })),
        cleanCaption,
      );
    }),
  );
  const remaining = bySource.map((samples) => samples.values());
  return places.map(([source]) => ({ source, ...remaining[source]!.next().value! }));
}

/** @param chance at least 0, below 1 */
function chooseByRatio(ratios: readonly number[], chance: number): number {
  const total = ratios.reduce((sum, ratio) => sum + ratio, 0);
  let left = chance * total;
  const chosen = ratios.findIndex((ratio) => {
    left -= ratio;
    return left < 0;
  });
  return chosen < 0 ? ratios.length - 1 : chosen;
}

async function requireFiles(files: readonly string[]): Promise<void> {
  const isThere = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  const missing = files.filter((_, index) => !isThere[index]);
  if (missing.length === 0 && files.length > 0) return;
  const which = missing.length > 1 ? `${missing[0]} and ${missing.length - 1} others` : missing[0];
  throw new CodedError(
    'dataset',
    files.length === 0
      ? 'The pattern of the shards names no file. A range looks like {00000..00007}.tar.'
      : `${missing.length} of ${files.length} shards are missing: ${which}. Is the pattern right?`,
  );
}

const MOST_WORDS = 50;

/**
 * Cleans captions from the web as the original does (MiniGPT-4, blip_processors.py, `BlipCaptionProcessor`):
 * lower case, a space for each of . ! " ( ) * # : ; ~, one space between words, at most 50 words.
 */
export function cleanCaption(caption: string): string {
  return caption
    .toLowerCase()
    .replace(/[.!"()*#:;~]/g, ' ')
    .replace(/\s{2,}/g, ' ')
    .trim()
    .split(' ')
    .slice(0, MOST_WORDS)
    .join(' ');
}

/**
 * Expands ranges and lists in braces as a shell does: `{000..003}.tar` to 000.tar, 001.tar, 002.tar and 003.tar,
 * `{a,b}.tar` to a.tar and b.tar. Several braces in one pattern give every combination.
 */
export function expandBraces(pattern: string): string[] {
  const braces = /\{(?:(\d+)\.\.(\d+)|([^{}]*,[^{}]*))\}/.exec(pattern);
  if (!braces) return [pattern];
  const [text, first, last, list] = braces;
  const choices = list === undefined ? numbers(first!, last!) : list.split(',');
  const start = pattern.slice(0, braces.index);
  const ends = expandBraces(pattern.slice(braces.index + text.length));
  return choices.flatMap((choice) => ends.map((end) => start + choice + end));
}

/** Counts with as many digits as the first number was written with. */
function numbers(first: string, last: string): string[] {
  const from = Number(first);
  const count = Number(last) - from + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, index) =>
    String(from + index).padStart(first.length, '0'),
  );
}
