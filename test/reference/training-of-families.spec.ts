import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { toFloat32 } from '#libs/checkpoint';
import type { ModelPackage } from '#libs/model-package';
import { Tokenizer } from '#libs/tokenizer';

import { ReferenceModel } from '../../libs/reference/src/reference-model.js';
import { wholeImage } from '../../libs/training/src/data/image-transform.js';
import { FeatureEncoder } from '../../libs/training/src/features/feature-encoder.js';
import { toLearningWeights, weightsOfPackage } from '../../libs/training/src/initial-weights.js';
import { IMAGE_PLACEHOLDER, textSequence } from '../../libs/training/src/text-sequences.js';
import { type Example, TrainingStep } from '../../libs/training/src/training-step.js';
import { architectureOf, frozenStage, trainingVariant } from '../../libs/training/src/variant.js';

const fixture = (...path: string[]) => resolve('test/fixtures/families', ...path);

let workFolder: string;
beforeAll(async () => {
  workFolder = await mkdtemp(join(tmpdir(), 'training-'));
});
afterAll(() => rm(workFolder, { recursive: true }));

const models = [
  {
    family: 'BLIP-2 with OPT',
    from: [fixture('blip2-opt/lavis')],
    picture: fixture('blip2-opt/cup.png'),
    variant: trainingVariant.parse({}),
    prompt: `${IMAGE_PLACEHOLDER}Question: What is it? Answer:`,
    endSymbol: '\n',
  },
  {
    family: 'LLaVA-1.5',
    from: [fixture('llava/original'), fixture('llava/clip')],
    picture: fixture('llava/wide.png'),
    variant: trainingVariant.parse({ qFormer: 'none', linearLayers: 2, patchesPerToken: 1 }),
    prompt: `USER: ${IMAGE_PLACEHOLDER}\nWhat is it? ASSISTANT:`,
    endSymbol: '</s>',
  },
];

describe.each(models)(
  'the projection of $family',
  ({ family, from, picture, variant, prompt, endSymbol }) => {
    let reference: ReferenceModel;
    let model: ModelPackage;
    let tokenizer: Tokenizer;
    beforeAll(async () => {
      reference = await ReferenceModel.convert({ from }, join(workFolder, family));
      model = reference.modelPackage;
      const json = JSON.parse(await readFile(model.tokenizerPath, 'utf8'));
      tokenizer = Tokenizer.fromJson(json, model.manifest.tokens);
    });
    afterAll(() => reference.close());

    async function exampleOf(text: string): Promise<Example> {
      const { vision } = model.manifest.architecture;
      const encoder = await FeatureEncoder.open(model, frozenStage(variant));
      const pixels = await wholeImage(vision).apply(await readFile(picture), 0);
      const [features] = await encoder.encode([pixels]);
      await encoder.close();
      const sequence = textSequence(tokenizer, text, 'A red cup', { endSymbol, maxTokens: 6 });
      return { key: 'a picture', features: features!, sequence };
    }

    /** The mean of -log p over the answer, by the networks that answer. */
    async function lossOfInference({ sequence }: Example): Promise<number> {
      const { projected } = await reference.encode(await readFile(picture));
      const { before, between, answer } = sequence;
      let loss = 0;
      for (const [index, token] of answer.entries()) {
        const { firstLogits } = await reference.continue(
          [
            { kind: 'text', tokenIds: before },
            { kind: 'picture', projected },
            { kind: 'text', tokenIds: [...between, ...answer.slice(0, index)] },
          ],
          { endOfSequence: -1, maxNewTokens: 1 },
        );
        const logits = toFloat32(firstLogits);
        const best = Math.max(...logits);
        const total = logits.reduce((sum, logit) => sum + Math.exp(logit - best), 0);
        loss += best + Math.log(total) - logits[token]!;
      }
      return loss / answer.length;
    }

    it.each([
      ['stage 1', '', false],
      ['stage 2', prompt, false],
      ['stage 2, computing layers twice', prompt, true],
    ])(
      'has in %s the loss of the networks that answer, and gradients by which it falls',
      async (_, text, recompute) => {
        const example = await exampleOf(text);
        const architecture = architectureOf(model.manifest.architecture, variant);
        const step = await TrainingStep.open(model, architecture, variant, { recompute });
        try {
          const values = await weightsOfPackage(model, step.trainable);
          const weights = toLearningWeights(step.trainable, values, 0);
          const { loss, byWeight } = await step.differentiate(weights, [example]);
          expect(Math.abs(loss - (await lossOfInference(example)))).toBeLessThan(1e-4);

          const squared = [...byWeight.values()].flatMap((gradient) => [...gradient.map((x) => x * x)]);
          const length = squared.reduce((sum, x) => sum + x, 0);
          const along = async (amount: number) => {
            const moved = weights.map((weight) => ({
              ...weight,
              data: weight.data.map((value, index) => value + amount * byWeight.get(weight.name)![index]!),
            }));
            return (await step.differentiate(moved, [example])).loss;
          };
          const slopeOver = async (amount: number) =>
            ((await along(amount)) - (await along(-amount))) / (2 * amount);
          // Losses have seven digits, and their difference few of them; so the distance is long, and the loss's third
          // derivative is taken out (Richardson's extrapolation).
          const amount = 2e-2 / Math.sqrt(length);
          const slope = (4 * (await slopeOver(amount / 2)) - (await slopeOver(amount))) / 3;
          expect(Math.abs(slope / length - 1)).toBeLessThan(0.03);
        } finally {
          await step.close();
        }
      },
    );
  },
);

it('InstructBLIP, whose pictures depend on the question, is refused by name', async () => {
  const reference = await ReferenceModel.convert(
    { from: [fixture('instructblip/lavis')] },
    join(workFolder, 'instructblip'),
  );
  await reference.close();
  const attempt = () =>
    architectureOf(reference.modelPackage.manifest.architecture, trainingVariant.parse({}));
  expect(attempt).toThrow(/Q-Former reads questions, as InstructBLIP's does/);
});
