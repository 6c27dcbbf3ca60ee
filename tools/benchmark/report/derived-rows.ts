import { median } from '../statistics.js';
import type { Row } from './results.js';

/**
 * What follows from several rows of one contender: the share of the memory's bandwidth that decoding reaches, what
 * more streams and a longer context do, and what a follow-up costs beside a first turn.
 * @param bytesPerToken of weights that one decode step reads, by contender
 * @param readBandwidth GB/s
 */
export function derivedRows(
  rows: readonly Row[],
  bytesPerToken: ReadonlyMap<string, number>,
  readBandwidth: number,
): Row[] {
  const contenders = [...new Set(rows.map(({ contender }) => contender))];
  return contenders.flatMap((contender) => {
    const find = (section: Row['section'], start: string) =>
      rows.find(
        (row) => row.contender === contender && row.section === section && row.name.startsWith(start),
      );
    const decode = find('decode', 'decode at context 100');
    const bytes = bytesPerToken.get(contender);
    return [
      bytes === undefined
        ? undefined
        : derive(
            decode,
            decode,
            'decode at context 100, share of read bandwidth',
            '%',
            (rate) => (rate * bytes) / readBandwidth / 1e7,
          ),
      derive(
        decode,
        find('decode', 'decode at context 1500'),
        'time per token, context 1500 / 100',
        '×',
        ratio,
      ),
      derive(find('streams', '8 streams'), find('streams', '1 stream'), '8 streams / 1 stream', '×', ratio),
      derive(
        find('followup', 'time to first token, 32'),
        find('followup', 'time to first token, 512'),
        'time to first token, follow-up / first turn',
        '×',
        ratio,
      ),
    ].filter((row) => row !== undefined);
  });
}

const ratio = (a: number, b: number) => a / b;

function derive(
  row: Row | undefined,
  other: Row | undefined,
  name: string,
  unit: string,
  combine: (value: number, other: number) => number,
): Row | undefined {
  if (!row || !other) return undefined;
  const samples = row.samples
    .slice(0, other.samples.length)
    .map((value, round) => combine(value, other.samples[round]!));
  return { section: row.section, name, contender: row.contender, unit, samples, median: median(samples) };
}
