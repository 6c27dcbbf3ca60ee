import type { Results, Row } from './results.js';

/** A Markdown table: one line per measure, one column per contender, with the medians. */
export function resultsTable({ rows }: Pick<Results, 'rows'>): string {
  const contenders = [...new Set(rows.map(({ contender }) => contender))];
  const measures = [...new Set(rows.map(({ name }) => name))];
  const lines = measures.map((name) => {
    const ofMeasure = rows.filter((row) => row.name === name);
    const medians = contenders.map((contender) => medianOf(ofMeasure, contender));
    return [`${name}, ${ofMeasure[0]!.unit}`, ...medians];
  });
  return alignedTable([['median', ...contenders], ...lines]);
}

function medianOf(rows: readonly Row[], contender: string): string {
  const row = rows.find((candidate) => candidate.contender === contender);
  return row ? Number(row.median.toPrecision(3)).toString() : '–';
}

/** @param lines the head first; the first cell of each is text, the others are numbers */
function alignedTable(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const [head, ...body] = lines.map((line) => {
    const cells = line.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    return `| ${cells.join(' | ')} |`;
  });
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [head, `| ${rule.join(' | ')} |`, ...body].join('\n');
}
