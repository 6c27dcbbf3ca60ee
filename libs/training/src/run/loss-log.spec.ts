import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { LossLog, type StepReport } from './loss-log.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loss-log-'));
});
afterEach(() => rm(folder, { recursive: true }));

const step = (number: number, loss = 10 - number): StepReport => ({
  step: number,
  totalSteps: 9,
  loss,
  learningRate: 1e-4,
  images: 4 * number,
  seconds: number / 2,
});

const stepsInFile = async () =>
  (await readFile(join(folder, 'loss.csv'), 'utf8'))
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => Number(row.split(',')[0]));

describe('the log of losses', () => {
  it('forgets, resumed, the steps after its checkpoint, which are taken again', async () => {
    const log = LossLog.create(folder);
    for (const number of [1, 2, 3, 4, 5, 6, 7]) log.add(step(number));
    await log.save();

    const resumed = await LossLog.resume(folder, 5);
    expect(resumed.recentLoss()).toBe((9 + 8 + 7 + 6 + 5) / 5);
    for (const number of [6, 7, 8]) resumed.add(step(number, 1));
    await resumed.save();
    expect(await stepsInFile()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(resumed.recentLoss(3)).toBe(1);
  });

  it('goes on, resumed, where nothing was noted after its checkpoint', async () => {
    const log = LossLog.create(folder);
    log.add(step(1));
    await log.save();
    const resumed = await LossLog.resume(folder, 1);
    resumed.add(step(2));
    await resumed.save();
    expect(await stepsInFile()).toEqual([1, 2]);
  });
});
