import { join } from 'node:path';

import { type Tensor, toFloat32 } from '#libs/checkpoint';
import { trainingNumbers } from '#libs/training';

import {
  type Expectation,
  ExpectedTensors,
  readExpectation,
  referenceFolder,
  relativeDifference,
  TemporaryFolders,
} from './reference-folder.js';

/** What the reference's README asks. */
const LOSS_TOLERANCE = 1e-4;
const GRADIENT_TOLERANCE = 1e-3;

const folders = new TemporaryFolders();
let expected: ExpectedTensors;
let expectation: Expectation;
let computed: Map<string, Tensor>;

beforeAll(async () => {
  expected = await ExpectedTensors.read();
  expectation = await readExpectation();
  const tensors = await trainingNumbers(referenceFolder, join(await folders.create(), 'model'));
  computed = new Map(tensors.map((tensor) => [tensor.name, tensor]));
});
afterAll(() => folders.removeAll());

const valuesOf = (name: string) => toFloat32(computed.get(name)!);

function expectSame(name: string): void {
  expect([name, computed.get(name)?.shape]).toEqual([name, expected.get(name).shape]);
  const difference = relativeDifference(valuesOf(name), expected.get(name).data);
  expect([name, difference < GRADIENT_TOLERANCE]).toEqual([name, true]);
}

describe.each(['stage1', 'stage2'] as const)('%s', (stage) => {
  it('has the loss and the gradients of the projection that the original has', () => {
    expect(Math.abs(valuesOf(`${stage}.loss`)[0]! - expectation.training[stage].loss)).toBeLessThan(
      LOSS_TOLERANCE,
    );
    expectSame(`${stage}.grad_weight`);
    expectSame(`${stage}.grad_bias`);
  });
});

describe('ten steps of AdamW', () => {
  it('end at the projection that the original has', () => {
    expectSame('adamw10.weight');
    expectSame('adamw10.bias');
  });
});

describe('a Q-Former that learns too', () => {
  it('has the gradients that the original has, from the queries to the last layer', () => {
    const names = expected.names.filter((name) => name.startsWith('qformer_finetune.'));
    expect(names.length).toBeGreaterThan(0);
    const magnitude = Math.max(...names.flatMap((name) => [...expected.get(name).data.map(Math.abs)]));
    for (const name of names) {
      // A key's bias shifts all scores alike, for example, so its gradient is nothing but rounding.
      const none = Math.max(...expected.get(name).data.map(Math.abs)) < 1e-6 * magnitude;
      if (none) {
        expect(Math.max(...valuesOf(name).map(Math.abs))).toBeLessThan(1e-6 * magnitude);
      } else {
        expectSame(name);
      }
    }
  });
});
