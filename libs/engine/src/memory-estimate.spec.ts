import { minigpt4With7b } from '../../../test/support/minigpt4-7b.js';
import { estimateMemory, type MemoryDemand, requireMemory } from './memory-estimate.js';

const demand: MemoryDemand = {
  architecture: minigpt4With7b,
  quantization: { decoder: { kind: 'int4', blockSize: 128 } },
  device: 'cpu',
  slots: 1,
  contextLength: 1024,
  keyValueType: 'float32',
  precision: 'float32',
};

/** In billions of bytes, to a tenth. */
const gigabytes = (bytes: number) => Math.round(bytes / 1e8) / 10;

describe('the memory a 7B model takes', () => {
  it('is its weights, its KV cache and the runtime', () => {
    const { weights, keyValueCache, total } = estimateMemory(demand);
    expect(gigabytes(weights)).toBe(7.9);
    expect(gigabytes(keyValueCache)).toBe(1.1);
    expect(gigabytes(total)).toBe(9.4);
  });

  it('is the embedding table more on a device that cannot read it from the disk', () => {
    const table = 32001 * 4096 * 4;
    expect(estimateMemory({ ...demand, device: 'cuda' }).weights - estimateMemory(demand).weights).toBe(
      table,
    );
  });

  it('is that of the vision encoder less on a device where they are left to the processor', () => {
    const onGpu = (kind: 'none' | 'int8') => {
      const quantization = { ...demand.quantization, encoder: { kind } };
      return estimateMemory({ ...demand, quantization, device: 'cuda', precision: 'float16' }).weights;
    };
    expect(gigabytes(onGpu('none') - onGpu('int8'))).toBe(4.4);
  });

  it('is said, with what would make it fit, when there is less', () => {
    expect(() => requireMemory(demand, 10e9)).not.toThrow();
    expect(() => requireMemory({ ...demand, quantization: { decoder: { kind: 'none' } } }, 10e9)).toThrow(
      'It needs 32.3 GB of memory, but 10.0 GB are free: choose int4 weights',
    );
    expect(() => requireMemory({ ...demand, slots: 8 }, 10e9)).toThrow(
      'It needs 16.9 GB of memory, but 10.0 GB are free: choose fewer slots',
    );
    expect(() => requireMemory({ ...demand, contextLength: 2048 }, 9e9)).toThrow(
      'choose a context of 512 tokens',
    );
    expect(() => requireMemory(demand, 4e9)).toThrow('no setting makes it fit');
  });
});
