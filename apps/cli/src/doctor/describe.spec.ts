import { describeExamination } from './describe.js';
import type { Examination } from './examination.js';
import { fitsIn } from './examine.js';

/** A machine without a GPU, of so much free memory. */
function machineWith(availableBytes: number): Examination {
  const usable = { usable: true, problems: [] };
  const unusable = { usable: false, problems: ['There is none.'] };
  return {
    node: { version: '24.0.0', supported: true },
    system: { platform: 'linux', processor: 'x64', glibc: '2.36' },
    processor: { model: 'a processor', threads: 4, instructions: ['avx2'] },
    memory: { total_bytes: 1.2 * availableBytes, available_bytes: availableBytes },
    disk: { folder: '/', free_bytes: 1e12 },
    onnxruntime: { version: '1.30.0', providers: ['cpu'] },
    devices: {
      cpu: usable,
      webgpu: unusable,
      cuda: { ...unusable, gpus: [], provider: 'absent', missing_libraries: [] },
    },
    ports: [],
    models: [],
    secrets: {},
    fits: fitsIn({ cpu: availableBytes, cuda: 0 }),
  };
}

describe('what doctor recommends', () => {
  it.each([
    [20e9, 'llava-1.5-7b with int4, encoder int8 weights'],
    [7.9e9, 'blip2-opt-2.7b with int4, encoder int8 weights'],
    [6e9, 'blip2-opt-2.7b with int4, encoder int8 weights'],
    [4.5e9, 'blip2-opt-2.7b with int4, encoder int8 weights'],
  ])('with %d bytes free is %s', (bytes, choice) => {
    expect(describeExamination(machineWith(bytes))).toContain(`A good choice here is ${choice} on cpu`);
  });

  it('is the embedded model where no published one fits', () => {
    expect(describeExamination(machineWith(2e9))).toContain('The embedded one always does');
  });
});
