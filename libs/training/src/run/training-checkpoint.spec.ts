import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AdamW } from '../adamw.js';
import { hasCheckpoint, loadCheckpoint, saveCheckpoint } from './training-checkpoint.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'training-checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

const optimizerOf = (values: Readonly<Record<string, readonly number[]>>) =>
  new AdamW(
    Object.entries(values).map(([name, data]) => ({ name, data: Float32Array.from(data), weightDecay: 0 })),
  );
const state = { step: 7, images: 84, skipped: 2, seconds: 1.5, position: { pass: 1 } };

describe('a checkpoint of a training', () => {
  it('gives back the weights, their moments, the steps and the place in the data', async () => {
    const saved = optimizerOf({ a: [1, 2], b: [3] });
    saved.step((name) => Float32Array.from(name === 'a' ? [0.5, -1] : [2]), 0.1);
    await expect(hasCheckpoint(folder)).resolves.toBe(false);
    await saveCheckpoint(folder, saved, state);
    await expect(hasCheckpoint(folder)).resolves.toBe(true);
    await expect(readdir(folder)).resolves.toEqual(['checkpoint.safetensors']);

    const loaded = optimizerOf({ a: [0, 0], b: [0] });
    await expect(loadCheckpoint(folder, loaded)).resolves.toEqual(state);
    expect(loaded.steps).toBe(7);
    expect(loaded.weights).toEqual(saved.weights);
    expect(loaded.moments).toEqual(saved.moments);
  });

  it('of weights of another size is refused by name', async () => {
    await saveCheckpoint(folder, optimizerOf({ a: [1, 2] }), state);
    await expect(loadCheckpoint(folder, optimizerOf({ a: [1] }))).rejects.toMatchObject({
      code: 'training',
      message: `${join(folder, 'checkpoint.safetensors')}: a has 2 numbers, but 1 are trained.`,
    });
  });

  it.each([{ step: -1 }, { images: 0.5 }, { seconds: -1 }, { skipped: 'no' }])(
    'whose progress is none is refused: %j',
    async (wrong) => {
      await saveCheckpoint(folder, optimizerOf({ a: [1] }), { ...state, ...wrong } as typeof state);
      await expect(loadCheckpoint(folder, optimizerOf({ a: [1] }))).rejects.toThrow();
    },
  );

  it('leaves the one before where it is when it cannot be written', async () => {
    await expect(saveCheckpoint(join(folder, 'missing'), optimizerOf({ a: [1] }), state)).rejects.toThrow();
    await expect(readdir(folder)).resolves.toEqual([]);
  });
});
