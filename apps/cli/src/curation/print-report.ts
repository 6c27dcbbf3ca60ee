import { type CurationReport, type DropReason, dropReasons } from '#libs/curation';

import { printResult, printText, remark } from '../console/output.js';
import type { CurateOptions } from './curate-options.js';
import { costAt, formatTokenUse } from './token-use.js';

export function printReport(report: CurationReport, options: CurateOptions): void {
  if (options.json) printResult({ ...report, cost: costAt(report, options) });
  else printText(describeReport(report));
  if (report.repaired > 0) remark(`Repairing took ${formatTokenUse(report, options)}.`);
}

/** What became of the pictures, a line each. */
function describeReport(report: CurationReport): string {
  const { images, continued, repaired, mended, dropped, reviewed, pairs } = report;
  const lines: [count: number, text: string][] = [
    [images, 'pictures described or found unreadable'],
    [continued, 'short descriptions continued'],
    [repaired, 'descriptions repaired'],
    ...Object.entries(mended).map(([mending, count]): [number, string] => [count, mendingTexts[mending]!]),
    ...Object.entries(dropped).map(([reason, count]): [number, string] => [
      count,
      `dropped: ${dropReasons[reason as DropReason]}`,
    ]),
    [reviewed.kept, `kept in the review, ${reviewed.edited} of them edited`],
    [pairs, 'pairs in the result'],
  ];
  const width = Math.max(...lines.map(([count]) => String(count).length));
  return lines.map(([count, text]) => `${String(count).padStart(width)} ${text}\n`).join('');
}

const mendingTexts: Readonly<Record<string, string>> = {
  apology: 'repairs freed of apologies',
  framing: 'repairs freed of words around them',
  'already correct': 'descriptions called correct already, and taken as they were',
};
