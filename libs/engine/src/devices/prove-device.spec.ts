import { proveDevice } from './prove-device.js';

describe('the trial run of a device', () => {
  it.each([{ kind: 'none' }, { kind: 'int8', blockSize: 32 }, { kind: 'int4', blockSize: 128 }] as const)(
    'passes in half precision too, with matrices stored as $kind',
    async (format) => {
      await proveDevice('cpu', format, 'float16');
    },
  );
});
