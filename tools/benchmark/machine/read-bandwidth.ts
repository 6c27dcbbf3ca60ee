import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { PAGE_BYTES, readingLoop } from './reading-loop.js';
import type { ReadingTask } from './reading-thread.js';

/** Many times what a processor's caches hold. */
const BYTES = 2 ** 30;
const ROUNDS = 8;
const READINGS_PER_ROUND = 2;

/** Reads a gibibyte with all threads at once, each its part, again and again: GB/s of each round. */
export async function measureReadBandwidth(threads: number): Promise<number[]> {
  const pages = BYTES / PAGE_BYTES;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  new Uint8Array(memory.buffer).fill(1); // memory that was never written is one page of zeros, over and over
  const module = new WebAssembly.Module(readingLoop(pages));
  const part = Math.floor(BYTES / threads / PAGE_BYTES) * PAGE_BYTES;
  const workers = Array.from({ length: threads }, (_, index) => {
    const workerData: ReadingTask = { module, memory, start: index * part, end: (index + 1) * part };
    return new Worker(new URL('./reading-thread.js', import.meta.url), { workerData });
  });
  const readAll = (times: number) =>
    Promise.all(
      workers.map((worker) => {
        worker.postMessage(times);
        return once(worker, 'message');
      }),
    );
  try {
    await readAll(1);
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const startedAt = performance.now();
      await readAll(READINGS_PER_ROUND);
      const seconds = (performance.now() - startedAt) / 1000;
      rates.push((part * threads * READINGS_PER_ROUND) / seconds / 1e9);
    }
    return rates;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
