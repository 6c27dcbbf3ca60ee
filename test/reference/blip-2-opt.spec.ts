import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { openCheckpoint, type Tensor, toFloat32 } from '#libs/checkpoint';
import { openModelPackage } from '#libs/model-package';
import { familyNumbers, type ReferenceNumbers, readExpectation } from '#libs/reference';

/** A small random model, and what LAVIS and transformers compute with it. */
const folder = resolve('test/fixtures/families/blip2-opt');
/** A share of the tensor's largest magnitude. */
const TOLERANCE = 2e-4;

let workFolder: string;
let numbers: ReferenceNumbers;
beforeAll(async () => {
  workFolder = await mkdtemp(join(tmpdir(), 'blip-2-'));
  numbers = (await familyNumbers(folder, workFolder))!;
});
afterAll(() => rm(workFolder, { recursive: true }));

describe('BLIP-2 with OPT, converted from the files of LAVIS', () => {
  it('computes pixels, vision, Q-Former, projection, embeddings and logits as the original does', async () => {
    const expected = await openCheckpoint(join(folder, 'expected.safetensors'));
    try {
      const computed = new Map(numbers.tensors.map((tensor) => [tensor.name, tensor]));
      const names = [...expected.tensors.keys()].filter((name) => !name.includes('.hf_'));
      for (const name of names) {
        const { error, shape } = compare(computed.get(name)!, await expected.read(name));
        expect({ name, shape, isClose: error < TOLERANCE }).toEqual({
          name,
          shape: expected.tensors.get(name)!.shape,
          isClose: true,
        });
      }
    } finally {
      await expected.close();
    }
  });

  it('continues every prompt with the same tokens, the newline at the end', async () => {
    const cases = z.array(z.looseObject({ token_ids: z.array(z.int()), greedy_token_ids: z.array(z.int()) }));
    const expected = await readExpectation(folder, z.object({ cases }));
    const tokens = cases.parse(numbers.description.cases).map(tokensOf);
    expect(tokens).toEqual(expected.cases.map(tokensOf));
  });

  it('makes a package whose replies end with the newline and begin after the pictures', async () => {
    const { manifest } = await openModelPackage(join(workFolder, 'lavis'));
    expect(manifest).toMatchObject({
      family: 'blip2-opt',
      template: 'question-answer',
      tokens: { beginOfSequence: 2, endOfSequence: 496, beginsAfterImages: true },
    });
  });
});

const tokensOf = (each: { token_ids: number[]; greedy_token_ids: number[] }) => ({
  token_ids: each.token_ids,
  greedy_token_ids: each.greedy_token_ids,
});

function compare(computed: Tensor, expected: Tensor) {
  const [ours, theirs] = [toFloat32(computed), toFloat32(expected)];
  const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = theirs.reduce((most, value, index) => Math.max(most, Math.abs(value - ours[index]!)), 0);
  return { error: difference / largest, shape: computed.shape };
}
