import { parentPort, workerData } from 'node:worker_threads';

import type { ReadMemory } from './reading-loop.js';

export interface ReadingTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly start: number;
  readonly end: number;
}

const { module, memory, start, end } = workerData as ReadingTask;
const { exports } = new WebAssembly.Instance(module, { host: { memory } });
const read = exports.read as ReadMemory;

/** Reads its part of the memory as often as each message says, and answers when it has. */
parentPort?.on('message', (times: number) => {
  for (let time = 0; time < times; time++) read(start, end);
  parentPort?.postMessage('done');
});
