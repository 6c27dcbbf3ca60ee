import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { openCheckpoint, toFloat32 } from '#libs/checkpoint';
import { readTrainingConfig, type StepReport, type TrainingStage, train } from '#libs/training';

import {
  type Expectation,
  ExpectedTensors,
  readExpectation,
  relativeDifference,
} from '../reference/reference-folder.js';
import { tinyReference, tinySources } from '../support/tiny-reference.js';
import { TinyTraining } from './tiny-training.js';

/** What the reference's README asks of losses and of weights after AdamW. */
const LOSS_TOLERANCE = 1e-4;
const WEIGHT_TOLERANCE = 1e-3;

const STEPS = 10;

let training: TinyTraining;
let reference: Expectation['training'];
let expected: ExpectedTensors;

beforeAll(async () => {
  training = await TinyTraining.prepare();
  reference = (await readExpectation()).training;
  expected = await ExpectedTensors.read();
});
afterAll(() => training.remove());

/** The reference's images and answers of a stage, as a folder of descriptions. */
async function descriptions(stage: TrainingStage): Promise<string> {
  const folder = training.path(`reference-${stage}`);
  await mkdir(join(folder, 'image'), { recursive: true });
  const annotations = [];
  for (const { image, answer } of reference[stage].items) {
    await copyFile(join(tinyReference, `${image}.png`), join(folder, 'image', `${image}.png`));
    annotations.push({ image_id: image, caption: answer });
  }
  await writeFile(join(folder, 'filter_cap.json'), JSON.stringify({ annotations }));
  return folder;
}

const rate = (value: number) => ({ warmup: value, initial: value, minimum: value, warmupSteps: 0 });

/** Trains the reference's projection on the reference's batch, and says what each step reported and what was learnt. */
async function trainOnReference(
  stage: TrainingStage,
  run: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<{ reports: StepReport[]; weight: Float32Array; bias: Float32Array }> {
  const config = training.path(`${run}.yaml`);
  const defaults = {
    model: training.path('package'),
    start: tinySources.projection,
    data: { layout: 'cc_sbu_align', folder: await descriptions(stage) },
    ...(stage === 'stage2' && { template: '###Human: {} ###Assistant: ', prompts: ['Describe this image.'] }),
    endSymbol: reference[stage].items[0]!.end_symbol,
    maxTokens: 160,
    batch: reference[stage].items.length,
    epochs: 1,
    stepsPerEpoch: 1,
    learningRate: rate(reference.adamw10.lr),
    weightDecay: reference.adamw10.weight_decay,
  };
  await writeFile(config, stringify({ ...defaults, ...settings }));
  const reports: StepReport[] = [];
  await train({
    config: await readTrainingConfig(stage, config),
    out: training.path(run),
    resume: false,
    onStep: (report) => reports.push(report),
  });
  const result = await openCheckpoint(training.path(`${run}/projection.pth`));
  const read = async (name: string) =>
    Float32Array.from(toFloat32(await result.read(`model.llama_proj.${name}`)));
  const learnt = { reports, weight: await read('weight'), bias: await read('bias') };
  await result.close();
  return learnt;
}

describe('train()', () => {
  it('begins stage 1 with the loss that the original has', async () => {
    const { reports } = await trainOnReference('stage1', 'stage1');
    expect(Math.abs(reports[0]!.loss - reference.stage1.loss)).toBeLessThan(LOSS_TOLERANCE);
  });

  it("takes ten steps of stage 2 as the original does: each step's loss, and the projection they end at", async () => {
    const { reports, weight, bias } = await trainOnReference('stage2', 'stage2', { stepsPerEpoch: STEPS });
    const losses = reports.map(({ loss }) => loss);
    expect(losses).toHaveLength(STEPS);
    for (const [step, loss] of reference.adamw10.losses_before_each_step.entries()) {
      expect([step, Math.abs(losses[step]! - loss) < 10 * LOSS_TOLERANCE]).toEqual([step, true]);
    }
    expect(relativeDifference(weight, expected.get('adamw10.weight').data)).toBeLessThan(WEIGHT_TOLERANCE);
    expect(relativeDifference(bias, expected.get('adamw10.bias').data)).toBeLessThan(WEIGHT_TOLERANCE);
  });

  it('takes each step with the rate that it reports, from the warm-up on', async () => {
    const learningRate = { warmup: 1e-6, initial: 1e-4, minimum: 8e-5, warmupSteps: 2 };
    const settings = { stepsPerEpoch: 4, learningRate };
    const { reports } = await trainOnReference('stage2', 'rates', settings);
    // optims.py of the original: 1e-6, half-way to 1e-4, then a cosine over all four steps, of which two are over.
    const rates = [1e-6, 5.05e-5, 9e-5, 8e-5 + 1e-5 * (1 + Math.cos(0.75 * Math.PI))];
    for (const [step, { learningRate: reported }] of reports.entries())
      expect(reported).toBeCloseTo(rates[step]!, 10);
  });

  it('lets matrices decay by the rate of the step and the weight decay, and biases not at all', async () => {
    const learningRate = { warmup: 1e-3, initial: 5e-3, minimum: 5e-3, warmupSteps: 3 };
    const without = await trainOnReference('stage2', 'no-decay', { learningRate, weightDecay: 0 });
    const decayed = await trainOnReference('stage2', 'decay', { learningRate, weightDecay: 20 });
    expect(decayed.bias).toEqual(without.bias);

    const published = await openCheckpoint(tinySources.projection);
    const before = toFloat32(await published.read('model.llama_proj.weight'));
    await published.close();
    const lost = Float32Array.from(without.weight, (value, index) => value - decayed.weight[index]!);
    const wanted = before.map((value) => value * 1e-3 * 20);
    expect(relativeDifference(lost, wanted)).toBeLessThan(WEIGHT_TOLERANCE);
  });

  it.each([
    ['trained', 'frozen'],
    ['frozen', 'trained'],
  ])(
    'learns with a Q-Former that is %s the same when the cache has features of one that is %s',
    async (qFormer, other) => {
      const [settings, others] = [qFormer, other].map((kind) => ({
        start: 'package',
        variant: { qFormer: kind },
      }));
      const featureCache = training.path(`cache-of-${other}`);
      const alone = await trainOnReference('stage2', `${qFormer}-alone`, settings);
      await trainOnReference('stage2', `${other}-first`, { ...others, featureCache });
      const after = await trainOnReference('stage2', `${qFormer}-after`, { ...settings, featureCache });
      expect(after.weight).toEqual(alone.weight);
    },
  );
});
