import { median } from '../statistics.js';
import { drawChart } from './chart.js';
import { compare } from './comparison.js';
import { derivedRows } from './derived-rows.js';
import { mergeResults } from './merge-results.js';
import { type Results, type Row, RowCollector, results } from './results.js';
import { resultsTable } from './table.js';

const row = (name: string, contender: string, samples: number[], unit = 'tokens/s'): Row => ({
  section: 'decode',
  name,
  contender,
  unit,
  samples,
  median: median(samples),
});

const measured = (rows: Row[]): Results => ({
  measuredAt: '2026-01-02T03:04:05.000Z',
  shape: 'nano',
  device: 'cpu',
  threads: 2,
  machine: { processor: 'test', cores: 2, memoryBytes: 1, node: 'v20', method: 'none' },
  read_bandwidth: 50,
  peak: { fp32: 100, int8: 400 },
  rows,
  ratios: compare(rows),
  notices: [],
});

describe('the median', () => {
  it('is the middle sample, or between the two middle ones', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('rows', () => {
  it('collect the readings of each contender in the order of the rounds', () => {
    const collector = new RowCollector();
    for (const value of [3, 1, 2]) {
      collector.add('decode', 'ours', { name: 'decode', unit: 'tokens/s', value });
      collector.add('decode', 'theirs', { name: 'decode', unit: 'tokens/s', value: 10 * value });
    }
    expect(collector.rows.map(({ contender, samples }) => [contender, samples])).toEqual([
      ['ours', [3, 1, 2]],
      ['theirs', [30, 10, 20]],
    ]);
    expect(collector.rows[0]?.median).toBe(2);
  });
});

describe('comparisons', () => {
  it('are made within each round, so that a slow moment of the machine counts for both', () => {
    const rows = [row('decode', 'ours', [40, 20, 40]), row('decode', 'theirs', [20, 10, 10])];
    expect(compare(rows)).toEqual([
      { name: 'decode', of: 'ours', against: 'theirs', samples: [2, 2, 4], median: 2 },
    ]);
  });

  it('say how many times shorter where times are measured', () => {
    const rows = [row('first token', 'ours', [1], 's'), row('first token', 'theirs', [3], 's')];
    expect(compare(rows)[0]?.median).toBe(3);
  });
});

describe('derived rows', () => {
  it('set decoding against the bandwidth and a long context against a short one', () => {
    const rows = [
      row('decode at context 100', 'ours', [40, 50]),
      row('decode at context 1500', 'ours', [32, 25]),
    ];
    const derived = derivedRows(rows, new Map([['ours', 0.5e9]]), 50);
    expect(derived.map(({ name, samples }) => [name, samples])).toEqual([
      ['decode at context 100, share of read bandwidth', [40, 50]],
      ['time per token, context 1500 / 100', [1.25, 2]],
    ]);
  });

  it('hold the rounds that both their rows have, when the benchmark was interrupted', () => {
    const rows = [
      row('decode at context 100', 'ours', [40, 50]),
      row('decode at context 1500', 'ours', [32]),
    ];
    expect(derivedRows(rows, new Map(), 50).map(({ samples }) => samples)).toEqual([[1.25]]);
  });
});

describe('the report', () => {
  const both = [row('decode at context 100', 'ours', [40]), row('decode at context 100', 'theirs', [20])];

  it('is what its schema says', () => {
    expect(results.parse(measured(both))).toEqual(measured(both));
  });

  it('prints one line per measure with each contender in a column', () => {
    expect(resultsTable(measured([...both, row('other', 'ours', [1234.5])])).split('\n')).toEqual([
      '| median                          | ours | theirs |',
      '| ------------------------------- | ---: | -----: |',
      '| decode at context 100, tokens/s |   40 |     20 |',
      '| other, tokens/s                 | 1230 |      – |',
    ]);
  });

  it('merges runs of different sections, but not of different shapes', () => {
    const merged = mergeResults([
      measured(both),
      { ...measured([row('other', 'ours', [1])]), read_bandwidth: 60 },
    ]);
    expect(merged.rows).toHaveLength(3);
    expect(merged.read_bandwidth).toBe(55);
    expect(() => mergeResults([measured(both), { ...measured(both), shape: '7b' }])).toThrow(/same shape/);
  });

  it('draws a bar for every contender', async () => {
    const svg = await drawChart(measured(both));
    expect(svg).toMatch(/^<svg /);
    for (const text of ['ours', 'theirs', 'decode at context 100', '40', '20'])
      expect(svg).toContain(`>${text}<`);
  });
});
