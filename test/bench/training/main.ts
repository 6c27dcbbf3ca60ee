import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

import { writeRandomPackage } from '#libs/model-package';

import { median } from '../statistics.js';
import { PytorchLoop } from './pytorch-loop.js';
import { TypeScriptLoop } from './typescript-loop.js';
import { nanoWithDecoder, stage1Batches } from './workload.js';

const ROUNDS = 5;
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
    await ours.measure(batches); // the first rounds touch every weight and settle the memory
    let { peakMiB } = await theirs.measure(batches);
    const rounds: { ours: number; theirs: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const seconds = await ours.measure(batches);
      const theirRound = await theirs.measure(batches);
      rounds.push({ ours: images / seconds, theirs: images / theirRound.seconds });
      peakMiB = theirRound.peakMiB;
    }
    const here = median(rounds.map((round) => round.ours));
    const there = median(rounds.map((round) => round.theirs));
    const ratio = median(rounds.map((round) => round.ours / round.theirs));
    const peak = process.resourceUsage().maxRSS / 1024;
    return `| ${hidden} | ${here.toFixed(0)} | ${there.toFixed(0)} | ${ratio.toFixed(2)} | ${peak.toFixed(0)} | ${peakMiB.toFixed(0)} |`;
  } finally {
    await ours.close();
    theirs.close();
    await rm(folder, { recursive: true });
  }
}

const threads = availableParallelism();
process.stdout.write(
  `Stage 1, ${IMAGES} images a step, ${threads} threads, median of ${ROUNDS} rounds in turn\n\n` +
    '| decoder width | images/s here | images/s PyTorch | ratio | peak MiB here | peak MiB PyTorch |\n|---|---|---|---|---|---|\n',
);
for (const width of process.argv.length > 2 ? process.argv.slice(2).map(Number) : WIDTHS) {
  process.stdout.write(`${await measureWidth(width, threads)}\n`);
}
