import { z } from 'zod';

import { sections } from '../arguments.js';
import type { Reading } from '../exercises.js';
import { median } from '../statistics.js';

const positive = z.number().positive();

/** What one contender showed in one measure. */
const row = z.object({
  section: z.enum(sections),
  /** The measure, the same for every contender. */
  name: z.string(),
  contender: z.string(),
  unit: z.string(),
  /** In the order in which they were taken; sample i of every contender is from round i. */
  samples: z.array(positive).min(1),
  median: positive,
});
export type Row = z.infer<typeof row>;

/** How many times as good the contender `of` is as the one `against`. */
const comparison = z.object({
  name: z.string(),
  of: z.string(),
  against: z.string(),
  /** Of each round, in which both were measured one after the other. */
  samples: z.array(positive),
  median: positive,
});
export type Comparison = z.infer<typeof comparison>;

const machine = z.object({
  processor: z.string(),
  cores: z.int().positive(),
  memoryBytes: positive,
  node: z.string(),
  /** How the read bandwidth and the peak were measured. */
  method: z.string(),
});
export type Machine = z.infer<typeof machine>;

/** The file that --json writes. */
export const results = z.object({
  measuredAt: z.iso.datetime(),
  shape: z.string(),
  device: z.string(),
  threads: z.int().positive(),
  machine,
  /** Reading memory with all threads, GB/s. */
  read_bandwidth: positive,
  /** Multiplications and additions, in 10⁹ per second. */
  peak: z.object({ fp32: positive, int8: positive }),
  rows: z.array(row),
  ratios: z.array(comparison),
  /** Why a contender is missing. */
  notices: z.array(z.string()),
});
export type Results = z.infer<typeof results>;

/** Collects readings into rows. */
export class RowCollector {
  private readonly samples = new Map<string, Omit<Row, 'median'>>();

  add(section: Row['section'], contender: string, { name, unit, value }: Reading): void {
    const key = JSON.stringify([section, name, contender]);
    const known = this.samples.get(key);
    if (known) known.samples.push(value);
    else this.samples.set(key, { section, name, contender, unit, samples: [value] });
  }

  get rows(): Row[] {
    return [...this.samples.values()].map((collected) => ({
      ...collected,
      median: median(collected.samples),
    }));
  }
}
