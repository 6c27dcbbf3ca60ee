import { writeFile } from 'node:fs/promises';

import { type BenchmarkOptions, help, parseBenchmarkOptions } from './arguments.js';
import type { RunningContender } from './contenders/running-contender.js';
import { measureMachine } from './machine/measure-machine.js';
import { measureSection } from './measure-section.js';
import { startOwnContenders } from './own-contenders.js';
import { startPeers } from './peers/start-peers.js';
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
  const { shape, device, threads, only } = options;
  const progress = new BenchmarkProgress();
  const contenders: RunningContender[] = [];
  const rows = new RowCollector();
  try {
    contenders.push(...(await startOwnContenders(options, progress)));
    if (!options.withoutPeers) contenders.push(...(await startPeers(options, progress)));
    const machine = await measureMachine(threads);
    for (const section of only) await measureSection(section, shape, contenders, rows, progress);
    return { measuredAt: new Date().toISOString(), shape, device, threads, ...machine, rows: rows.rows };
  } finally {
    progress.stop();
    for (const contender of contenders) await contender.stop();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${process.env.DEBUG ? (error as Error).stack : (error as Error).message}\n`);
  process.exitCode = 1;
}
