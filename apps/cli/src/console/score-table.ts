import type { ScoreTable } from '#libs/evaluation';

const GAP = '   ';

/** The table as lines of text, its columns aligned to the right. */
export function formatScoreTable({ columns, rows }: ScoreTable): string {
  const texts = [
    ['', ...columns],
    ...rows.map(({ title, cells }) => [
      title,
      ...cells.map((cell) => (cell ? `${cell.detail.padStart(12)} ${cell.value.padStart(7)}` : '–')),
    ]),
  ];
  const widths = texts[0].map((_, column) => Math.max(...texts.map((row) => row[column].length)));
  return texts
    .map(([title, ...cells]) =>
      [title.padEnd(widths[0]), ...cells.map((cell, index) => cell.padStart(widths[index + 1]))].join(GAP),
    )
    .map((line) => `${line}\n`)
    .join('');
}
