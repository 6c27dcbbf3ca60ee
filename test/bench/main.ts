import { writeFile } from 'node:fs/promises';

import { type BenchmarkOptions, help, parseBenchmarkOptions } from './arguments.js';
import { measureMachine } from './machine/measure-machine.js';
import { measureSections } from './measure-sections.js';
import { BenchmarkProgress } from './report/progress.js';
import { type Results, RowCollector } from './report/results.js';
import { resultsTable } from './report/table.js';

async function main(): Promise<void> {
  const options = parseBenchmarkOptions(process.argv.slice(2));
  if (!options) {
    process.stdout.write(help);
    return;
  }
  const results = await measure(options);
  process.stdout.write(`${resultsTable(results)}\n`);
  if (options.json) await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`);
}

async function measure(options: BenchmarkOptions): Promise<Results> {
  const { shape, device, threads } = options;
  const progress = new BenchmarkProgress();
  const rows = new RowCollector();
  try {
    const machine = await measureMachine(threads);
    await measureSections(options, rows, progress);
    return { measuredAt: new Date().toISOString(), shape, device, threads, ...machine, rows: rows.rows };
  } finally {
    progress.stop();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${process.env.DEBUG ? (error as Error).stack : (error as Error).message}\n`);
  process.exitCode = 1;
}
