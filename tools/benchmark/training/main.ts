import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { writeRandomPackage } from '#libs/model-package';

import { median } from '../statistics.js';
import { PytorchLoop, type PytorchRound } from './pytorch-loop.js';
import { TypeScriptLoop } from './typescript-loop.js';
import { type BatchShape, nanoWithDecoder, stage1Batches } from './workload.js';

const WARM_UPS = 2;
const ROUNDS = 5;
/** Between two measurements, for threads that still wait for work of the last one. */
const PAUSE_MS = 300;
const IMAGES = 64;
const WIDTHS = [256, 512, 1024];

/** Images per second of stage 1's steps, here and in PyTorch, round by round in turn, by the width of the decoder. */
async function measureWidth(hidden: number, threads: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-training-'));
  const architecture = nanoWithDecoder(hidden);
  const batches = stage1Batches(IMAGES);
  const images = batches.length * IMAGES;
  const out = join(folder, 'package');
  await writeRandomPackage({ architecture, quantization: { kind: 'none' }, out });
  const ours = await TypeScriptLoop.open(out, threads);
  const theirs = PytorchLoop.open(architecture, threads);
  try {
    // The first rounds touch every weight and settle the memory.
    for (let round = 0; round < WARM_UPS; round++) await measureInTurn(ours, theirs, batches);
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await measureInTurn(ours, theirs, batches));
    const here = median(rounds.map(({ ours }) => images / ours));
    const there = median(rounds.map(({ theirs }) => images / theirs.seconds));
    const ratio = median(rounds.map(({ ours, theirs }) => theirs.seconds / ours));
    const peak = process.resourceUsage().maxRSS / 1024;
    const { peakMiB } = rounds.at(-1)!.theirs;
    return `| ${hidden} | ${here.toFixed(0)} | ${there.toFixed(0)} | ${ratio.toFixed(2)} | ${peak.toFixed(0)} | ${peakMiB.toFixed(0)} |`;
  } finally {
    await ours.close();
    theirs.close();
    await rm(folder, { recursive: true });
  }
}

interface Round {
  /** Seconds. */
  readonly ours: number;
  readonly theirs: PytorchRound;
}

async function measureInTurn(
  ours: TypeScriptLoop,
  theirs: PytorchLoop,
  batches: readonly BatchShape[],
): Promise<Round> {
  await setTimeout(PAUSE_MS);
  const seconds = await ours.measure(batches);
  await setTimeout(PAUSE_MS);
  return { ours: seconds, theirs: await theirs.measure(batches) };
}

const threads = availableParallelism();
process.stdout.write(
  `Stage 1, ${IMAGES} images a step, ${threads} threads, median of ${ROUNDS} rounds in turn\n\n` +
    '| decoder width | images/s here | images/s PyTorch | ratio | peak MiB here | peak MiB PyTorch |\n|---|---|---|---|---|---|\n',
);
for (const width of process.argv.length > 2 ? process.argv.slice(2).map(Number) : WIDTHS) {
  process.stdout.write(`${await measureWidth(width, threads)}\n`);
}
