import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

import type { Results, Row } from './results.js';

/** Measures of which more is better, in the order of the chart. */
const charted: readonly Row['section'][] = ['decode', 'prefill', 'streams'];
const WIDTH = 300;
const BAR_HEIGHT = 14;

/** This project's bars stand out from all others'. */
function colourOf(contender: string, index: number): string {
  const [own, others] = [
    ['#1f6feb', '#79b8ff'],
    ['#9a9a9a', '#c8c8c8'],
  ] as const;
  return (contender.startsWith('minigpt4-chat') ? own : others)[index % 2]!;
}

/**
 * Draws tokens per second as bars, one panel per measure, one colour per contender (SVG).
 * @throws RangeError when nothing was measured that the chart shows
 */
export async function drawChart({ rows, machine, threads, shape }: Results): Promise<string> {
  const shown = rows.filter(({ section, unit }) => charted.includes(section) && unit === 'tokens/s');
  if (shown.length === 0)
    throw new RangeError('The chart shows decode, prefill and streams; none was measured.');
  const names = [...new Set(shown.map(({ name }) => name))];
  const contenders = [...new Set(shown.map(({ contender }) => contender))];
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: {
      text: 'Tokens per second, more is better',
      subtitle: `${shape} shape, random weights, ${threads} threads of ${machine.processor}; medians of alternating runs`,
      anchor: 'start',
    },
    background: 'white',
    data: { values: shown.map(({ name, contender, median }) => ({ name, contender, median })) },
    facet: { field: 'name', type: 'nominal', sort: names, title: null },
    columns: 2,
    spec: {
      width: WIDTH,
      height: { step: BAR_HEIGHT },
      encoding: {
        y: { field: 'contender', type: 'nominal', sort: contenders, axis: null },
        x: { field: 'median', type: 'quantitative', axis: null },
      },
      layer: [
        {
          mark: { type: 'bar', tooltip: false },
          encoding: {
            color: {
              field: 'contender',
              type: 'nominal',
              scale: { domain: contenders, range: contenders.map(colourOf) },
              legend: { orient: 'bottom', title: null, columns: 2, labelLimit: 0 },
            },
          },
        },
        {
          mark: { type: 'text', align: 'left', dx: 3, fontSize: 10 },
          encoding: { text: { field: 'median', type: 'quantitative', format: '.3~r' } },
        },
      ],
    },
    resolve: { scale: { x: 'independent' } },
  };
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}
