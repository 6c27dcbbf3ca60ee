import { descriptionFaults } from './description-fault.js';
import type { EvaluatedSet } from './evaluate.js';
import type { QuestionKind } from './picture-set.js';
import { failures, type Scores, scoresOf } from './scores.js';

export interface ScoreCell {
  /** Such as "92.5 %". */
  readonly value: string;
  /** Such as "185 of 200". */
  readonly detail: string;
}

export interface ScoreTable {
  readonly columns: readonly string[];
  /** A cell for each column; undefined where there was nothing to count. */
  readonly rows: readonly { readonly title: string; readonly cells: readonly (ScoreCell | undefined)[] }[];
}

type Count = (scores: Scores) => ScoreCell | undefined;

/** The scores to be read: a column for each set and, where there are several, one for all together. */
export function scoreTable(sets: readonly EvaluatedSet[]): ScoreTable {
  const all = scoresOf(sets.flatMap(({ pictures }) => pictures));
  const columns = sets.map(({ name, pictures }) => ({ name, scores: scoresOf(pictures) }));
  if (sets.length > 1) columns.push({ name: 'all', scores: all });
  const counts = [
    ...(Object.keys(all.kinds) as QuestionKind[]).map(countOfKind),
    ...(all.descriptions ? descriptionCounts : []),
  ];
  return {
    columns: columns.map(({ name }) => name),
    rows: counts.map(([title, count]) => ({ title, cells: columns.map(({ scores }) => count(scores)) })),
  };
}

function countOfKind(kind: QuestionKind): [string, Count] {
  return [kind, ({ kinds: { [kind]: score } }) => score && share(score.right, score.asked)];
}

const descriptionCounts: readonly [string, Count][] = [
  ['failed descriptions', ({ descriptions: d }) => d && share(failures(d), d.asked)],
  ...descriptionFaults.map((fault): [string, Count] => [
    `· ${fault}`,
    ({ descriptions: d }) => d && share(d.faults[fault], d.asked),
  ]),
  ['invented objects', ({ descriptions: d }) => d && share(d.objects.invented, d.objects.mentioned)],
  [
    '· descriptions with one',
    ({ descriptions: d }) => d && share(d.objects.withInvention, d.objects.descriptions),
  ],
  [
    'words in a description',
    ({ descriptions: d }) => d && { value: d.words.toFixed(1), detail: 'on average' },
  ],
];

function share(part: number, whole: number): ScoreCell | undefined {
  if (whole === 0) return undefined;
  return { value: `${((100 * part) / whole).toFixed(1)} %`, detail: `${part} of ${whole}` };
}
