import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

import { RunFolder } from './run-folder.js';
import { readTrainingConfig, type TrainingStage } from './training-config.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'training-config-'));
});
afterEach(() => rm(folder, { recursive: true }));

const least = {
  model: 'models/nano',
  data: { layout: 'cc_sbu_align', folder: 'data' },
  endSymbol: '\n',
  maxTokens: 160,
  batch: 4,
  epochs: 1,
  stepsPerEpoch: 10,
  learningRate: { warmup: 0, initial: 1e-4, minimum: 0, warmupSteps: 0 },
};
const stage2 = { ...least, template: '###Human: {} ###Assistant: ', prompts: ['Describe.'] };

async function read(settings: object, stage: TrainingStage = 'stage1') {
  const path = join(folder, 'config.yaml');
  await writeFile(path, stringify(settings));
  return readTrainingConfig(stage, path);
}

describe('the configuration of a training', () => {
  it('has the defaults of the original where it says nothing', async () => {
    await expect(read(least)).resolves.toEqual({
      stage: 'stage1',
      ...least,
      variant: { qFormer: 'frozen', linearLayers: 1, patchesPerToken: 4 },
      start: 'package',
      imageTransform: 'resize',
      recompute: false,
      weightDecay: 0.05,
      seed: 42,
      checkpointMinutes: 10,
      featureCache: null,
    });
    await expect(read(stage2, 'stage2')).resolves.toMatchObject({ stage: 'stage2', prompts: ['Describe.'] });
  });

  it('of shards mixes them alike through a buffer of a thousand where it says nothing', async () => {
    const data = { layout: 'webdataset', sources: [{ shards: 'a.tar' }] };
    await expect(read({ ...least, data })).resolves.toMatchObject({
      data: { sources: [{ shards: 'a.tar', ratio: 1 }], shuffleBuffer: 1_000 },
    });
  });

  it.each<[string, TrainingStage, object, string]>([
    ['a setting that does not exist', 'stage1', { ...least, bacth: 4 }, 'There is no setting "bacth"'],
    ['a setting of the other stage', 'stage1', stage2, 'There is no setting "template", "prompts"'],
    ['a missing setting', 'stage1', { ...least, model: undefined }, 'This setting is missing'],
    ['no steps', 'stage1', { ...least, stepsPerEpoch: 0 }, 'stepsPerEpoch'],
    ['half an image', 'stage1', { ...least, batch: 0.5 }, 'batch'],
    ['a rate below zero', 'stage1', { ...least, weightDecay: -1 }, 'weightDecay'],
    [
      'warmup below zero',
      'stage1',
      { ...least, learningRate: { ...least.learningRate, warmupSteps: -1 } },
      'warmupSteps',
    ],
    ['no sources', 'stage1', { ...least, data: { layout: 'webdataset', sources: [] } }, 'sources'],
    ['no prompts', 'stage2', { ...stage2, prompts: [] }, 'prompts'],
    ['a template without a place for the prompt', 'stage2', { ...stage2, template: 'x' }, 'template'],
  ])('with %s is refused by its name', async (_what, stage, settings, sentence) => {
    const refused = read(settings, stage);
    await expect(refused).rejects.toMatchObject({ code: 'training-config' });
    await expect(refused).rejects.toThrow(sentence);
    await expect(refused).rejects.toThrow(`cannot be used for ${stage}`);
  });

  it('that is no file says so', async () => {
    await expect(readTrainingConfig('stage1', join(folder, 'missing.yaml'))).rejects.toMatchObject({
      code: 'training-config',
      cause: { code: 'ENOENT' },
    });
  });
});

describe('the folder of a run', () => {
  const create = async (name: string) => RunFolder.create(join(folder, name), await read(least));

  it('is made, is one run’s alone, and is gone when nothing was written into it', async () => {
    const run = await create('run');
    await run.leave();
    const again = await create('run');
    await again.leave();
  });

  it('that holds files already is not taken', async () => {
    await expect(create('')).rejects.toMatchObject({
      code: 'training',
      message: expect.stringContaining('already holds files'),
    });
  });

  it('that is a file says so', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(create('file')).rejects.toMatchObject({ message: expect.stringContaining('(ENOTDIR)') });
  });

  it('without a run cannot be gone on with', async () => {
    await expect(RunFolder.resume(join(folder, 'none'), await read(least))).rejects.toMatchObject({
      code: 'training',
      message: `${join(folder, 'none')} holds no run to resume. Start it without --resume.`,
    });
  });

  it('of another configuration names what differs', async () => {
    const begun = await read(least);
    await expect(RunFolder.resume(folder, { ...begun, batch: 5, seed: 7 })).rejects.toThrow(
      /differs in .*batch.*seed/,
    );
  });
});
