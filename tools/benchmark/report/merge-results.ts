import { median } from '../statistics.js';
import { compare } from './comparison.js';
import type { Results } from './results.js';

/**
 * The rows of several runs with different sections or contenders as those of one. What the machine could do was measured in each.
 * @param runs at least one
 * @throws RangeError when they were not made with the same shape, device and threads
 */
export function mergeResults(runs: readonly Results[]): Results {
  const [first, ...others] = runs;
  if (!first) throw new RangeError('There are no results to merge.');
  for (const { shape, device, threads } of others) {
    if (shape !== first.shape || device !== first.device || threads !== first.threads) {
      throw new RangeError('Results can be merged only of the same shape, device and threads.');
    }
  }
  const rows = runs.flatMap((run) => run.rows);
  return {
    ...first,
    read_bandwidth: median(runs.map((run) => run.read_bandwidth)),
    peak: {
      fp32: Math.max(...runs.map(({ peak }) => peak.fp32)),
      int8: Math.max(...runs.map(({ peak }) => peak.int8)),
    },
    rows,
    ratios: compare(rows),
    notices: [...new Set(runs.flatMap(({ notices }) => notices))],
  };
}
