import type { BenchmarkOptions } from './arguments.js';
import { RunningContender } from './contenders/running-contender.js';
import { packageOf } from './packages.js';
import type { BenchmarkProgress } from './report/progress.js';

const GIBIBYTE = 2 ** 30;
const blockSizes = [32, 128] as const;

/** Starts this project's contenders: the engine with each block size of int4. */
export async function startOwnContenders(
  { shape, device, threads }: BenchmarkOptions,
  progress: BenchmarkProgress,
): Promise<RunningContender[]> {
  const contenders: RunningContender[] = [];
  const ofShape = shape === 'vit-g' ? [32 as const] : blockSizes;
  for (const blockSize of ofShape) {
    const name = `minigpt4-chat int4 block ${blockSize}`;
    const folder = await packageOf(shape, { kind: 'int4', blockSize }, (done, total) =>
      progress.makingModel(name, done, total),
    );
    const memory =
      shape === '7b'
        ? { slots: 4, keyValueCacheBytes: 9 * GIBIBYTE }
        : { slots: 8, keyValueCacheBytes: 2 * GIBIBYTE };
    contenders.push(
      await RunningContender.start(name, { kind: 'engine', folder, device, threads, ...memory }),
    );
  }
  return contenders;
}
