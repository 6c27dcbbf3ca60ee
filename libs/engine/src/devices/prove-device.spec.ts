import { proveDevice, type Trial } from './prove-device.js';
import { requireDevice } from './require-device.js';

const int4 = { kind: 'int4', blockSize: 32 } as const;

describe('the trial run of a device', () => {
  it.each([
    { kind: 'none' },
    { kind: 'int8-weights', blockSize: 32 },
    { kind: 'int4', blockSize: 128 },
  ] as const)('passes in half precision too, with matrices stored as $kind', async (format) => {
    await expect(proveDevice('cpu', format, 'float16')).resolves.toBeUndefined();
  });

  const right = Float32Array.from({ length: 256 }, (_, token) => Math.sin(token) * 4);

  /** A device that gives these logits, beside a processor that gives the right ones. */
  const deviceGiving =
    (logits: Float32Array): Trial =>
    async (_, on) =>
      on === 'cpu' ? right : logits;

  const prove = (trial: Trial) => proveDevice('webgpu', int4, 'float16', trial);

  it('passes with what other orders of sums and half precision change', async () => {
    const rounded = right.map((logit, token) => logit + (token % 2 ? 0.15 : -0.15));
    await expect(prove(deviceGiving(rounded))).resolves.toBeUndefined();
  });

  it.each([
    ['one logit is wrong', right.with(77, right[77]! + 0.4), /differ from the processor's by 10 %/],
    ['the logits are those of other tokens', right.toReversed(), /differ from the processor's by \d+ %/],
    ['the logits have the wrong sign', right.map((logit) => -logit), /differ from the processor's by 200 %/],
    ['everything is zero', new Float32Array(256), /differ from the processor's by 100 %/],
    ['a logit is not a number', right.with(3, Number.NaN), /are not numbers/],
    ['logits are missing', right.slice(0, 200), /are not numbers/],
  ])('refuses a device on which %s', async (_, logits, words) => {
    const trial = prove(deviceGiving(logits));
    await expect(trial).rejects.toThrow(expect.objectContaining({ code: 'device-unavailable' }));
    await expect(trial).rejects.toThrow(words);
    await expect(trial).rejects.toThrow(/choose the device "cpu"/);
  });

  it.each(['webgpu', 'cuda'] as const)('is not even begun for rows in int8 on %s', async (device) => {
    await expect(requireDevice(device, { kind: 'int8' })).rejects.toThrow(
      /stored as int8, which only the processor multiplies.*--quantize int8-weights or int4/,
    );
  });

  it('says why a device cannot run at all', async () => {
    const failing: Trial = async (_, on) => {
      if (on === 'cpu') return right;
      throw new Error('out of registers');
    };
    await expect(prove(failing)).rejects.toThrow(/a trial run failed on it: out of registers/);
  });
});
