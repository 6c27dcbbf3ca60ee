import { readFile } from 'node:fs/promises';
import { Tensor } from 'onnxruntime-node';

import { openCheckpoint, toFloat32 } from '#libs/checkpoint';
import { type PackageWeight, tokensPerImage } from '#libs/minigpt4';
import type { ModelPackage } from '#libs/model-package';
import { Tokenizer } from '#libs/tokenizer';
import { AdamW, layOutBatch, type TrainablePart, type TrainingSequence, trainingGraph } from '#libs/training';

import {
  convertReference,
  type Expectation,
  ExpectedTensors,
  type FloatTensor,
  openSession,
  readExpectation,
  relativeDifference,
  TemporaryFolders,
} from './reference-folder.js';

/** What the reference's README asks. */
const LOSS_TOLERANCE = 1e-4;
const GRADIENT_TOLERANCE = 1e-3;

type Stage = 'stage1' | 'stage2';

const folders = new TemporaryFolders();
let expected: ExpectedTensors;
let expectation: Expectation;
let model: ModelPackage;
let tokenizer: Tokenizer;

beforeAll(async () => {
  expected = await ExpectedTensors.read();
  expectation = await readExpectation();
  model = await convertReference(await folders.create());
  tokenizer = Tokenizer.fromJson(JSON.parse(await readFile(model.tokenizerPath, 'utf8')));
});
afterAll(() => folders.removeAll());

/** Every segment is encoded on its own; the end symbol belongs to the answer. */
function sequencesOf(stage: Stage): TrainingSequence[] {
  return expectation.training[stage].items.map(({ prompt, answer, end_symbol: end }) => {
    const [before = '', between = ''] = prompt.split('<ImageHere>');
    return {
      before: before ? tokenizer.encode(before, { beginOfSequence: true }) : [tokenizer.beginOfSequence],
      between: between ? tokenizer.encode(between) : [],
      answer: tokenizer.encode(answer + end),
    };
  });
}

/** One tensor per image, joined: `[images, …]`. */
function joined(stage: Stage, kind: 'qformer' | 'ln_vision'): Tensor {
  const tensors = expectation.training[stage].items.map(({ image }) => expected.get(`${image}.${kind}`));
  const data = Float32Array.from(tensors.flatMap((tensor) => [...tensor.data]));
  return new Tensor('float32', data, [tensors.length, ...tensors[0]!.shape.slice(1)]);
}

/** The training graph of a part of the model over the batch of a stage. */
async function openTraining(stage: Stage, part: TrainablePart) {
  const { architecture } = model.manifest;
  const { model: graph, trainable } = trainingGraph(architecture, model.weights, part);
  const session = await openSession(graph, model);
  const batch = layOutBatch(sequencesOf(stage), tokensPerImage(architecture));
  const integers = (data: BigInt64Array, shape: readonly number[] = [data.length]) =>
    new Tensor('int64', data, shape);
  const feeds = {
    features: joined(stage, part === 'projection' ? 'qformer' : 'ln_vision'),
    text_ids: integers(batch.textIds),
    rows: integers(batch.rows, batch.shape),
    target_rows: integers(batch.targetRows),
    target_ids: integers(batch.targetIds),
    loss_weight: new Tensor('float32', Float32Array.of(1 / batch.targetIds.length), []),
  };
  const weights = new Map<string, Tensor>();
  for (const weight of trainable) weights.set(weight.name, await readWeight(weight));
  return {
    trainable,
    weights,
    async differentiate() {
      const results = await session.run({ ...feeds, ...Object.fromEntries(weights) });
      return {
        loss: Number(results.loss!.data[0]),
        gradientOf: (name: string) => results[`gradient.${name}`]!.data as Float32Array,
      };
    },
    close: () => session.release(),
  };
}

async function readWeight({ name, file, shape }: PackageWeight): Promise<Tensor> {
  const reader = await openCheckpoint(`${model.folder}/${file}`);
  const data = toFloat32(await reader.read(name));
  await reader.close();
  return new Tensor('float32', data, shape);
}

/** `[rows, columns]` → `[columns, rows]`: PyTorch keeps matrices the other way round. */
function transposed({ data, shape }: FloatTensor): Float32Array {
  const [rows = 0, columns = 0] = shape;
  return data.map((_, index) => data[(index % rows) * columns + Math.floor(index / rows)]!);
}

/** The original's gradient in the layout of the package, if the reference has it. */
function expectedGradient({ source, name }: PackageWeight): Float32Array | undefined {
  if (name === 'q_former.queries') return expected.get('qformer_finetune.grad_query_tokens').data;
  if (source.kind !== 'copy' && source.kind !== 'transpose') return undefined;
  const published = source.tensor.name.replace('Qformer.', 'qformer_finetune.grad.');
  if (!expected.names.includes(published)) return undefined;
  const tensor = expected.get(published);
  return source.kind === 'transpose' ? transposed(tensor) : tensor.data;
}

describe.each(['stage1', 'stage2'] as const)('%s', (stage) => {
  it('has the loss and the gradients of the projection that the original has', async () => {
    const training = await openTraining(stage, 'projection');
    const { loss, gradientOf } = await training.differentiate();
    await training.close();
    expect(Math.abs(loss - expectation.training[stage].loss)).toBeLessThan(LOSS_TOLERANCE);
    const weight = transposed(expected.get(`${stage}.grad_weight`));
    const bias = expected.get(`${stage}.grad_bias`).data;
    expect(relativeDifference(gradientOf('projection.layers.0.weight'), weight)).toBeLessThan(
      GRADIENT_TOLERANCE,
    );
    expect(relativeDifference(gradientOf('projection.layers.0.bias'), bias)).toBeLessThan(GRADIENT_TOLERANCE);
  });
});

describe('ten steps of AdamW', () => {
  it('have the losses on their way and end at the projection that the original has', async () => {
    const settings = expectation.training.adamw10;
    const training = await openTraining('stage2', 'projection');
    const optimizer = new AdamW(
      [...training.weights].map(([name, { data, dims }]) => ({
        name,
        data: data as Float32Array,
        weightDecay: dims.length > 1 ? settings.weight_decay : settings.bias_weight_decay,
      })),
    );
    for (const expectedLoss of settings.losses_before_each_step) {
      const { loss, gradientOf } = await training.differentiate();
      expect(Math.abs(loss - expectedLoss)).toBeLessThan(LOSS_TOLERANCE);
      optimizer.step(gradientOf, settings.lr);
    }
    await training.close();
    const learnt = (part: string) =>
      training.weights.get(`projection.layers.0.${part}`)!.data as Float32Array;
    const weight = transposed(expected.get('adamw10.weight'));
    expect(relativeDifference(learnt('weight'), weight)).toBeLessThan(GRADIENT_TOLERANCE);
    expect(relativeDifference(learnt('bias'), expected.get('adamw10.bias').data)).toBeLessThan(
      GRADIENT_TOLERANCE,
    );
  });
});

describe('a Q-Former that learns too', () => {
  it('has the gradients that the original has, from the queries to the last layer', async () => {
    const training = await openTraining('stage2', 'q-former-and-projection');
    const { gradientOf } = await training.differentiate();
    await training.close();
    const known = training.trainable.flatMap((weight) => {
      const gradient = expectedGradient(weight);
      return gradient ? [{ name: weight.name, gradient }] : [];
    });
    expect(known.length).toBeGreaterThan(30);
    const magnitude = Math.max(...known.flatMap(({ gradient }) => [...gradient.map(Math.abs)]));
    for (const { name, gradient } of known) {
      // A key's bias shifts all scores alike, so its gradient is nothing but rounding.
      if (name.endsWith('.key.bias')) {
        expect(Math.max(...gradientOf(name).map(Math.abs))).toBeLessThan(1e-6 * magnitude);
      } else {
        expect([name, relativeDifference(gradientOf(name), gradient) < GRADIENT_TOLERANCE]).toEqual([
          name,
          true,
        ]);
      }
    }
  });
});
