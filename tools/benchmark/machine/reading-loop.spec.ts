import { PAGE_BYTES, type ReadMemory, readingLoop } from './reading-loop.js';

describe('the reading loop', () => {
  it('reads every vector from start up to end exactly once', () => {
    const pages = 2;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const words = new Int32Array(memory.buffer);
    // The program returns the sum of the first word of each vector of four.
    for (let index = 0; index < words.length; index++) words[index] = index % 4 === 0 ? index : 1_000_000;
    const module = new WebAssembly.Module(readingLoop(pages));
    const { exports } = new WebAssembly.Instance(module, { host: { memory } });
    const read = exports.read as ReadMemory;

    const sumBetween = (start: number, end: number) => {
      let sum = 0;
      for (let index = start / 4; index < end / 4; index += 4) sum += words[index]!;
      return sum | 0;
    };
    expect(read(0, PAGE_BYTES)).toBe(sumBetween(0, PAGE_BYTES));
    expect(read(PAGE_BYTES, 2 * PAGE_BYTES)).toBe(sumBetween(PAGE_BYTES, 2 * PAGE_BYTES));
  });
});
