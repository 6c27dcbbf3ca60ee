import type { BenchmarkOptions, BenchmarkShape } from './arguments.js';
import { RunningContender } from './contenders/running-contender.js';
import { packageOf } from './packages.js';
import type { BenchmarkProgress } from './report/progress.js';

const GIBIBYTE = 2 ** 30;

/** At 7B the keys and values of eight conversations, and those of a peer, do not fit into 24 GB together. */
export const slotsOf = (shape: BenchmarkShape): number => (shape === '7b' ? 4 : 8);
const keyValueCacheBytesOf = (shape: BenchmarkShape) => (shape === '7b' ? 9 : 2) * GIBIBYTE;

/** Starts this project's engine, once with each block size of int4. */
export async function startOwnContenders(
  { shape, device, threads }: BenchmarkOptions,
  progress: BenchmarkProgress,
): Promise<RunningContender[]> {
  const contenders: RunningContender[] = [];
  for (const blockSize of shape === 'vit-g' ? ([32] as const) : ([32, 128] as const)) {
    const name = `minigpt4-chat int4 block ${blockSize}`;
    const folder = await packageOf(shape, { kind: 'int4', blockSize }, (done, total) =>
      progress.makingModel(name, done, total),
    );
    contenders.push(
      await RunningContender.start(name, {
        kind: 'engine',
        folder,
        device,
        threads,
        slots: slotsOf(shape),
        keyValueCacheBytes: keyValueCacheBytesOf(shape),
      }),
    );
  }
  return contenders;
}
