import { readFile, writeFile } from 'node:fs/promises';

import { type BenchmarkOptions, help, parseBenchmarkOptions } from './arguments.js';
import { weightBytesPerToken } from './candidates.js';
import { measureMachine } from './machine/measure-machine.js';
import { measureSections } from './measure-sections.js';
import { drawChart } from './report/chart.js';
import { compare } from './report/comparison.js';
import { derivedRows } from './report/derived-rows.js';
import { mergeResults } from './report/merge-results.js';
import { BenchmarkProgress } from './report/progress.js';
import { type Results, RowCollector, results as resultsSchema } from './report/results.js';
import { resultsTable } from './report/table.js';

async function main(): Promise<void> {
  const options = parseBenchmarkOptions(process.argv.slice(2));
  if (!options) {
    process.stdout.write(help);
    return;
  }
  const results = options.from ? mergeResults(await readResults(options.from)) : await measure(options);
  process.stdout.write(`${resultsTable(results)}\n`);
  for (const notice of results.notices) process.stderr.write(`${notice}\n`);
  if (options.json) await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
  if (options.chart) await writeFile(options.chart, await drawChart(results));
}

async function measure(options: BenchmarkOptions): Promise<Results> {
  const { shape, device, threads } = options;
  const progress = new BenchmarkProgress();
  const collector = new RowCollector();
  try {
    const machine = await measureMachine(threads);
    const notices: string[] = [];
    const interruption = interruptionSignal();
    try {
      await measureSections(options, collector, progress, (sentence) => notices.push(sentence), interruption);
    } catch (error) {
      // Contenders hear Ctrl-C as well and end in the middle of an exercise.
      if (!interruption.aborted) throw error;
    }
    if (interruption.aborted) notices.push('The benchmark was interrupted: rows and samples are missing.');
    const { rows } = collector;
    return {
      measuredAt: new Date().toISOString(),
      shape,
      device,
      threads,
      ...machine,
      rows: [...rows, ...derivedRows(rows, weightBytesPerToken(shape), machine.read_bandwidth)],
      ratios: compare(rows),
      notices,
    };
  } finally {
    progress.stop();
  }
}

/** Aborted when the user or the system wants an end: what was measured until then is still reported. */
function interruptionSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

function readResults(files: readonly string[]): Promise<Results[]> {
  return Promise.all(
    files.map(async (file) => resultsSchema.parse(JSON.parse(await readFile(file, 'utf8')))),
  );
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${process.env.DEBUG ? (error as Error).stack : (error as Error).message}\n`);
  process.exitCode = 1;
}
