import type { ScoreCell, ScoreTable } from '#libs/evaluation';

const GAP = '   ';

/** The table as lines of text, its columns aligned to the right. */
export function formatScoreTable({ columns, rows }: ScoreTable): string {
  const lines = [
    { title: '', texts: columns },
    ...rows.map(({ title, cells }) => ({ title, texts: cells.map(cellText) })),
  ];
  const titleWidth = Math.max(...lines.map(({ title }) => title.length));
  const widths = columns.map((_, column) => Math.max(...lines.map(({ texts }) => texts[column]!.length)));
  return lines
    .map(({ title, texts }) =>
      [title.padEnd(titleWidth), ...texts.map((text, column) => text.padStart(widths[column]!))].join(GAP),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function cellText(cell: ScoreCell | undefined): string {
  return cell ? `${cell.detail.padStart(12)} ${cell.value.padStart(7)}` : '–';
}
