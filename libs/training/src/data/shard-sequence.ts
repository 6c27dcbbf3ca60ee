import { CodedError } from '#libs/errors';
import { Random } from '../random.js';
import { type SkippedSample } from './dataset.js';
import { randomOrder } from './random-order.js';
import { readShard, type ShardSample } from './read-shard.js';

/** A sample by the number of its shard and its number among that shard's usable samples. */
export interface SamplePlace {
  readonly shard: number;
  readonly sample: number;
}

export type PlacedSample = ShardSample & { readonly place: SamplePlace };

/** How many passes are over, how many shards of this one, and how many samples of this shard. */
export interface SequencePosition {
  readonly pass: number;
  readonly shard: number;
  readonly sample: number;
}

export interface SequenceSettings {
  readonly files: readonly string[];
  readonly cleanCaption: (caption: string) => string;
  readonly seed: number;
  /** The number of the source, so that each has an order of its own. */
  readonly source: number;
  readonly start?: SequencePosition;
  /** Hears of every broken member once, in the first pass. */
  readonly onSkipped: (sample: SkippedSample) => void;
}

/** All samples of some shards, pass after pass, the shards of each pass in a new random order. */
export class ShardSequence {
  private readonly samples: AsyncGenerator<PlacedSample, never>;
  private reached: SequencePosition;

  constructor(private readonly settings: SequenceSettings) {
    this.reached = settings.start ?? { pass: 0, shard: 0, sample: 0 };
    this.samples = this.read(this.reached);
  }

  async next(): Promise<PlacedSample> {
    return (await this.samples.next()).value;
  }

  position(): SequencePosition {
    return this.reached;
  }

  async close(): Promise<void> {
    await this.samples.return(undefined as never);
  }

  private async *read(start: SequencePosition): AsyncGenerator<PlacedSample, never> {
    const { files, seed, source } = this.settings;
    let { shard: first, sample: skip } = start;
    for (let pass = start.pass; ; pass++) {
      let isEmpty = first === 0 && skip === 0;
      const order = randomOrder(files.length, new Random(seed, 'shards', source, pass));
      for (const [index, shard] of order.entries()) {
        if (index < first) continue;
        for await (const sample of this.readShard(shard, pass, skip)) {
          isEmpty = false;
          this.reached = { pass, shard: index, sample: sample.place.sample + 1 };
          yield sample;
        }
        skip = 0;
      }
      if (isEmpty) throw new CodedError('dataset', noSample(files));
      first = 0;
    }
  }

  private async *readShard(shard: number, pass: number, skip: number): AsyncGenerator<PlacedSample> {
    const { files, cleanCaption, onSkipped } = this.settings;
    let count = 0;
    for await (const member of readShard(files[shard]!, cleanCaption)) {
      if (member.kind === 'sample') {
        if (count >= skip) yield { ...member, place: { shard, sample: count } };
        count++;
      } else if (pass === 0 && count >= skip) {
        onSkipped({ key: member.key, reason: member.reason });
      }
    }
  }
}

/** Reads single samples again, each shard once, in the order of the places. */
export async function samplesAt(
  files: readonly string[],
  places: readonly SamplePlace[],
  cleanCaption: (caption: string) => string,
): Promise<PlacedSample[]> {
  const found = new Map<string, PlacedSample>();
  const nameOf = ({ shard, sample }: SamplePlace) => `${shard} ${sample}`;
  const wanted = new Set(places.map(nameOf));
  for (const shard of new Set(places.map((place) => place.shard))) {
    let count = 0;
    for await (const member of readShard(files[shard]!, cleanCaption)) {
      if (member.kind !== 'sample') continue;
      const place = { shard, sample: count++ };
      if (wanted.has(nameOf(place))) found.set(nameOf(place), { ...member, place });
    }
  }
  return places.map((place) => {
    const sample = found.get(nameOf(place));
    if (sample) return sample;
    throw new CodedError(
      'dataset',
      `${files[place.shard]} no longer holds what it held when this run was interrupted. Start a new run.`,
    );
  });
}

function noSample(files: readonly string[]): string {
  return `There is no usable sample in ${files.length === 1 ? files[0] : `the ${files.length} shards from ${files[0]} on`}. A sample is a KEY.jpg and a KEY.json that holds "caption".`;
}
