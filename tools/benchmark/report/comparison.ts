import { median } from '../statistics.js';
import type { Comparison, Row } from './results.js';

/** Of these more is better; of all other units less is. */
const MORE_IS_BETTER = 'tokens/s';

/** Compares every contender with each that comes after it in the same measure, round by round. */
export function compare(rows: readonly Row[]): Comparison[] {
  return rows.flatMap((row, index) =>
    rows
      .slice(index + 1)
      .filter(({ section, name }) => section === row.section && name === row.name)
      .map((other) => compareRows(row, other)),
  );
}

function compareRows(row: Row, other: Row): Comparison {
  const samples = row.samples
    .slice(0, other.samples.length)
    .map((value, round) =>
      row.unit === MORE_IS_BETTER ? value / other.samples[round]! : other.samples[round]! / value,
    );
  return { name: row.name, of: row.contender, against: other.contender, samples, median: median(samples) };
}
