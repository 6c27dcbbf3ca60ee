import { type CurationReport, type DropReason, dropReasons, type Mending, mendings } from '#libs/curation';

import { printResult, printText, remark } from '../console/output.js';
import type { CurateOptions } from './curate-options.js';
import { costAt, formatTokenUse } from './token-use.js';

export function printReport(report: CurationReport, options: CurateOptions): void {
  if (options.json) printResult({ ...report, cost: costAt(report, options) });
  else printText(describeReport(report));
  if (report.repaired > 0) remark(`Repairing took ${formatTokenUse(report, options)}.`);
}

type Line = readonly [count: number, text: string];

/** What became of the pictures, a line each. */
function describeReport(report: CurationReport): string {
  const { images, continued, repaired, mended, dropped, reviewed, pairs } = report;
  const lines: Line[] = [
    [images, 'pictures'],
    [continued, 'short descriptions continued'],
    [repaired, 'descriptions repaired'],
    ...Object.entries(mended).map(([mending, count]): Line => [count, mendings[mending as Mending]]),
    ...Object.entries(dropped).map(
      ([reason, count]): Line => [count, `dropped: ${dropReasons[reason as DropReason]}`],
    ),
    [reviewed.kept, `kept in the review, ${reviewed.edited} of them edited`],
  ];
  const told: Line[] = [...lines.filter(([count]) => count > 0), [pairs, 'pairs in the result']];
  const width = Math.max(...told.map(([count]) => String(count).length));
  return told.map(([count, text]) => `${String(count).padStart(width)} ${text}\n`).join('');
}
