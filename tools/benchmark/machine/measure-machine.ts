import { cpus, totalmem } from 'node:os';

import type { Results } from '../report/results.js';
import { median } from '../statistics.js';
import { measurePeak } from './peak-arithmetic.js';
import { measureReadBandwidth } from './read-bandwidth.js';

const METHOD =
  'read_bandwidth: GB/s, the median of eight times reading 2 GiB with as many threads as contenders have, by vector ' +
  'loads in WebAssembly. peak: 10⁹ multiplications and additions a second, the fastest of ten products of two ' +
  '2048 × 2048 matrices by ONNX Runtime (MatMul in fp32, MatMulInteger in int8).';

/** What the machine can do, measured in the same run as the contenders. */
export async function measureMachine(
  threads: number,
): Promise<Pick<Results, 'machine' | 'read_bandwidth' | 'peak'>> {
  const processors = cpus();
  return {
    machine: {
      processor: processors[0]?.model ?? 'unknown',
      cores: processors.length,
      memoryBytes: totalmem(),
      node: process.version,
      method: METHOD,
    },
    read_bandwidth: median(await measureReadBandwidth(threads)),
    peak: await measurePeak(threads),
  };
}
