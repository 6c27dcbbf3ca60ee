import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { convert, openModelPackage, verifyModelPackage } from '#libs/model-package';
import { type StepReport, train } from '#libs/training';

import { runCommand } from '../cli/command-line.js';
import { tinySources } from '../support/tiny-reference.js';
import { sourcesWith, TinyTraining } from './tiny-training.js';

const trainUntilKilled = fileURLToPath(new URL('train-until-killed.mjs', import.meta.url));

let training: TinyTraining;
/** The losses of an undisturbed run into the folder `plain`. */
let plain: number[];

beforeAll(async () => {
  training = await TinyTraining.prepare();
  plain = await losses('plain');
});
afterAll(() => training.remove());

/** Trains into a new run folder and returns the losses of the steps. */
async function losses(run: string, settings: Readonly<Record<string, unknown>> = {}): Promise<number[]> {
  const reports: StepReport[] = [];
  const outcome = await train({
    config: await training.config(settings),
    out: training.path(run),
    resume: false,
    onStep: (report) => reports.push(report),
  });
  expect(outcome).toBe('finished');
  return reports.map(({ loss }) => loss);
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

describe('training', () => {
  it('learns: the loss falls', async () => {
    expect(plain).toHaveLength(10);
    expect(plain.at(-1)).toBeLessThan(plain[0]! - 1);
  });

  it('computes the same from cached features, and from the parts of a batch one after the other', async () => {
    const cache = { featureCache: training.path('cache') };
    await losses('filling-the-cache', cache);
    await losses('from-the-cache', cache);
    expect(await training.trained('from-the-cache')).toEqual(await training.trained('plain'));
    const parts = await losses('parts-of-batches', { imagesAtOnce: 3 });
    for (const [step, loss] of parts.entries()) expect(loss).toBeCloseTo(plain[step]!, 4);
  });

  it('leaves out what is not an image, and counts it', async () => {
    await writeFile(training.path('data/image/4.jpg'), 'this is text');
    await training.writeCaptions(5);
    const skipped: string[] = [];
    await train({
      config: await training.config(),
      out: training.path('with-text'),
      resume: false,
      onSkipped: ({ key, reason }) => skipped.push(`${key}: ${reason}`),
    });
    await training.writeCaptions(4);
    expect(skipped.length).toBeGreaterThan(0);
    expect(skipped[0]).toContain('4');
    const record = JSON.parse(await readFile(training.path('with-text/run.json'), 'utf8'));
    expect(record.result).toMatchObject({ steps: 10, images: 40, skipped: skipped.length });
  });
});

describe('a run that was killed', () => {
  it('gives, resumed, the weights of one that was not', async () => {
    const settings = { checkpointMinutes: 1e-9 };
    const config = await training.configFile(settings);
    await losses('never-killed', settings);

    const run = spawn(process.execPath, [trainUntilKilled, config, training.path('killed'), '6']);
    expect(await once(run, 'exit')).toEqual([null, 'SIGKILL']);
    expect(await exists(training.path('killed/projection.pth'))).toBe(false);

    const resumed = await runCommand(
      ...['train', 'stage1', '--config', config, '--out', training.path('killed'), '--resume'],
    );
    expect(resumed).toMatchObject({ exitCode: 0 });
    expect(await training.trained('killed')).toEqual(await training.trained('never-killed'));
    const log = await readFile(training.path('killed/loss.csv'), 'utf8');
    expect(log.trim().split('\n')).toHaveLength(1 + 10);
    const { resumedAtSteps } = JSON.parse(await readFile(training.path('killed/run.json'), 'utf8'));
    expect(resumedAtSteps).toEqual([5]);
  });

  it('before its first checkpoint starts again, and says so', async () => {
    const config = await training.config();
    const stop = AbortSignal.abort();
    await train({ config, out: training.path('hardly-begun'), resume: false, signal: stop });
    await rm(training.path('hardly-begun/checkpoint.safetensors'));
    const notices: string[] = [];
    const onNotice = (notice: string) => notices.push(notice);
    await train({ config, out: training.path('hardly-begun'), resume: true, onNotice });
    expect(notices).toEqual([expect.stringContaining('starts again')]);
    expect(await training.trained('hardly-begun')).toEqual(await training.trained('plain'));
  });

  it('is not continued with another configuration', async () => {
    const config = await training.config({ seed: 43 });
    await expect(train({ config, out: training.path('plain'), resume: true })).rejects.toThrow(
      'differs in seed',
    );
  });
});

describe('training stops', () => {
  it('at a loss that is not a number, says which batch, and keeps the last checkpoint', async () => {
    const config = await training.config({
      learningRate: { warmup: 1e38, initial: 1e38, minimum: 1, warmupSteps: 5 },
      checkpointMinutes: 1e-9,
    });
    const failing = train({ config, out: training.path('diverging'), resume: false });
    await expect(failing).rejects.toThrow(/Step 2: the loss is .* The batch was .*3.*/);
    const interrupted = train({ config, out: training.path('diverging'), resume: true });
    await expect(interrupted).rejects.toThrow(/Step 2/);
  });

  it('when the disk is full, with the checkpoint before as it was', async () => {
    const stop = new AbortController();
    const options = { config: await training.config(), out: training.path('full') };
    const onStep = () => stop.abort();
    await train({ ...options, resume: false, signal: stop.signal, onStep });
    const kept = await readFile(training.path('full/checkpoint.safetensors'));
    await symlink('/dev/full', training.path('full/checkpoint.safetensors.partial'));

    await expect(train({ ...options, resume: true })).rejects.toThrow('the disk is full');
    expect(await readFile(training.path('full/checkpoint.safetensors'))).toEqual(kept);
    expect(await train({ ...options, resume: true })).toBe('finished');
    expect(await training.trained('full')).toEqual(await training.trained('plain'));
  });

  it('before it begins, at a setting that does not exist', async () => {
    const config = await training.configFile({ learningSpeed: 3 });
    const result = await runCommand('train', 'stage1', '--config', config, '--out', training.path('unknown'));
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain('learningSpeed');
    expect(result.stderr).toContain(config);
  });

  it('before it begins, at a folder that another process trains into, as long as that runs', async () => {
    const options = { config: await training.config(), out: training.path('shared'), resume: false };
    await mkdir(options.out);
    await writeFile(training.path('shared/running.pid'), String(process.ppid));
    await expect(train(options)).rejects.toThrow(`in use: process ${process.ppid}`);

    const { pid: ended } = spawnSync(process.execPath, ['--version']);
    await writeFile(training.path('shared/running.pid'), String(ended));
    expect(await train(options)).toBe('finished');
    expect(await exists(training.path('shared/running.pid'))).toBe(false);
  });

  it('before it begins, with a Q-Former to learn that is quantised', async () => {
    const model = training.path('quantised');
    const encoderQuantization = { kind: 'int8' } as const;
    await convert({ sources: tinySources, out: model, quantization: { kind: 'none' }, encoderQuantization });
    const config = await training.config({ model, variant: { qFormer: 'trained' } });
    await expect(train({ config, out: training.path('never'), resume: false })).rejects.toThrow(
      /only one in float32 learns\. Convert the model with --quantize-encoder none/,
    );
  });

  it('before it begins, at a folder that holds something', async () => {
    const config = await training.config();
    await expect(train({ config, out: training.path('data'), resume: false })).rejects.toThrow('--resume');
  });
});

describe('the result of training', () => {
  it.each([
    ['the model of the paper', {}],
    ['ablation (a), without Q-Former,', { qFormer: 'none', patchesPerToken: 4 }],
    ['ablation (b), with three linear layers,', { linearLayers: 3 }],
    ['ablation (c), with a trained Q-Former,', { qFormer: 'trained' }],
  ])('of %s is a checkpoint that convert takes, and a package', async (title, variant) => {
    const run = `result-${title.length}`;
    await losses(run, { variant });
    const qFormer = 'qFormer' in variant && variant.qFormer === 'trained' ? 'q_former.pth' : undefined;
    const sources = sourcesWith({
      projection: training.path(`${run}/projection.pth`),
      ...(qFormer && { qFormer: training.path(`${run}/${qFormer}`) }),
    });
    const out = training.path(`${run}-converted`);
    await convert({ sources, out, quantization: { kind: 'none' } });

    const trained = await openModelPackage(training.path(`${run}/model`));
    await verifyModelPackage(trained);
    const converted = await openModelPackage(out);
    expect(trained.manifest.architecture).toEqual(converted.manifest.architecture);
    expect(trained.manifest.digests['projection.safetensors']).toBe(
      converted.manifest.digests['projection.safetensors'],
    );
  });

  it('is what a second stage starts from', async () => {
    const steps = await losses('second', { start: training.path('plain/projection.pth') });
    expect(steps[0]).toBeLessThan(plain[0]!);
    await expect(
      losses('other-variant', { start: training.path('plain/projection.pth'), variant: { linearLayers: 2 } }),
    ).rejects.toThrow('same variant');
  });
});
