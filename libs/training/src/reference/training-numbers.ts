import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { float32Tensor, type Tensor } from '#libs/checkpoint';
import { convert, type ModelPackage, openModelPackage } from '#libs/model-package';
import { readExpectation, readReferenceImage } from '#libs/reference';
import { Tokenizer } from '#libs/tokenizer';

import { AdamW, type LearningWeight, originalAdamW } from '../adamw.js';
import { wholeImage } from '../data/image-transform.js';
import { FeatureEncoder } from '../features/feature-encoder.js';
import { toLearningWeights, weightsOfPackage } from '../initial-weights.js';
import { publishedTensor } from '../result/published-tensors.js';
import { textSequence } from '../text-sequences.js';
import { type Example, type Gradients, TrainingStep } from '../training-step.js';
import { frozenStage, type TrainingVariant, trainingVariant } from '../variant.js';

const STEPS_OF_ADAMW = 10;

/** The paper's model, and its ablation (c). */
const projectionOnly = trainingVariant.parse({});
const withQFormer = trainingVariant.parse({ qFormer: 'trained' });

/**
 * Computes, for a whole model in the published file layouts and the training cases of its `expected.json`, the
 * numbers by which this training is compared with the original's: losses and gradients of the projection in both
 * stages, the projection after ten steps of AdamW, and the gradients of a Q-Former that learns too.
 *
 * @param folder checkpoints, images and `expected.json`
 * @param workFolder a new folder, for a model package
 * @throws CodedError `reference-folder` or `conversion`, CheckpointError
 */
export async function trainingNumbers(folder: string, workFolder: string): Promise<Tensor[]> {
  const training = await readReferenceTraining(folder);
  await convert({
    sources: {
      vit: join(folder, 'eva_vit.pth'),
      qFormer: join(folder, 'blip2_qformer.pth'),
      projection: join(folder, 'pretrained_minigpt4.pth'),
      llm: join(folder, 'llm'),
    },
    out: workFolder,
    quantization: { kind: 'none' },
    anyLanguageModel: true,
  });
  const cases = new ReferenceCases(folder, await openModelPackage(workFolder));
  return [
    ...(await cases.projectionGradients('stage1', training.stage1.items)),
    ...(await cases.projectionGradients('stage2', training.stage2.items)),
    ...(await cases.projectionAfterAdamW(training)),
    ...(await cases.qFormerGradients(training.stage2.items)),
  ];
}

class ReferenceCases {
  constructor(
    private readonly folder: string,
    private readonly model: ModelPackage,
  ) {}

  async projectionGradients(stage: string, items: readonly ReferenceItem[]): Promise<Tensor[]> {
    return this.withStep(projectionOnly, items, async (step, weights, examples) => {
      const { loss, byWeight } = await step.differentiate(weights, examples);
      const gradients = publishedTensors(step, byWeight).map((tensor) =>
        renamed(tensor, tensor.name.replace('llama_proj.', `${stage}.grad_`)),
      );
      return [...gradients, float32Tensor(`${stage}.loss`, [], Float32Array.of(loss))];
    });
  }

  async projectionAfterAdamW(training: ReferenceTraining): Promise<Tensor[]> {
    const { items, lr, betas, weight_decay: weightDecay } = training.adamw10;
    return this.withStep(projectionOnly, training[items].items, async (step, weights, examples) => {
      const decaying = toLearningWeights(
        step.trainable,
        weights.map(({ data }) => data),
        weightDecay,
      );
      const optimizer = new AdamW(decaying, { ...originalAdamW, beta1: betas[0], beta2: betas[1] });
      for (let done = 0; done < STEPS_OF_ADAMW; done++) {
        const { byWeight } = await step.differentiate(optimizer.weights, examples);
        optimizer.step((name) => byWeight.get(name)!, lr);
      }
      const learnt = new Map(optimizer.weights.map(({ name, data }) => [name, data]));
      return publishedTensors(step, learnt).map((tensor) =>
        renamed(tensor, tensor.name.replace('llama_proj.', 'adamw10.')),
      );
    });
  }

  async qFormerGradients(items: readonly ReferenceItem[]): Promise<Tensor[]> {
    return this.withStep(withQFormer, items, async (step, weights, examples) => {
      const { byWeight } = await step.differentiate(weights, examples);
      return publishedTensors(step, byWeight)
        .filter(({ name }) => !name.startsWith('llama_proj.'))
        .map((tensor) =>
          renamed(
            tensor,
            tensor.name === 'query_tokens'
              ? 'qformer_finetune.grad_query_tokens'
              : tensor.name.replace('Qformer.', 'qformer_finetune.grad.'),
          ),
        );
    });
  }

  private async withStep(
    variant: TrainingVariant,
    items: readonly ReferenceItem[],
    compute: (
      step: TrainingStep,
      weights: readonly LearningWeight[],
      examples: readonly Example[],
    ) => Promise<Tensor[]>,
  ): Promise<Tensor[]> {
    const step = await TrainingStep.open(this.model, this.model.manifest.architecture, variant);
    try {
      const values = await weightsOfPackage(this.model, step.trainable);
      const weights = toLearningWeights(step.trainable, values, 0);
      return await compute(step, weights, await this.examples(variant, items));
    } finally {
      await step.close();
    }
  }

  private async examples(variant: TrainingVariant, items: readonly ReferenceItem[]): Promise<Example[]> {
    const tokenizer = Tokenizer.fromJson(JSON.parse(await readFile(this.model.tokenizerPath, 'utf8')));
    const transform = wholeImage(this.model.manifest.architecture.vision);
    const images = await Promise.all(
      items.map(async ({ image }) => transform.apply(await readReferenceImage(this.folder, image), 0)),
    );
    const encoder = await FeatureEncoder.open(this.model, frozenStage(variant));
    const features = await encoder.encode(images);
    await encoder.close();
    return items.map(({ image, prompt, answer, end_symbol: endSymbol }, index) => ({
      key: image,
      features: features[index]!,
      sequence: textSequence(tokenizer, prompt, answer, { endSymbol, maxTokens: Number.POSITIVE_INFINITY }),
    }));
  }
}

const publishedTensors = ({ trainable }: TrainingStep, values: Gradients['byWeight']): Tensor[] =>
  trainable.map((weight) => publishedTensor(weight, values.get(weight.name)!));

const renamed = (tensor: Tensor, name: string): Tensor => ({ ...tensor, name });

const trainingStage = z.object({
  items: z.array(
    z.object({ image: z.string(), prompt: z.string(), answer: z.string(), end_symbol: z.string() }),
  ),
});

/** What a reference folder's `expected.json` says of training; its expected results are not looked at. */
const expectation = z.object({
  training: z.object({
    stage1: trainingStage,
    stage2: trainingStage,
    adamw10: z.object({
      items: z.enum(['stage1', 'stage2']).default('stage2'),
      lr: z.number(),
      betas: z.tuple([z.number(), z.number()]),
      weight_decay: z.number(),
      bias_weight_decay: z.number(),
    }),
  }),
});
type ReferenceTraining = z.infer<typeof expectation>['training'];
type ReferenceItem = z.infer<typeof trainingStage>['items'][number];

/** @throws CodedError `reference-folder` */
async function readReferenceTraining(folder: string): Promise<ReferenceTraining> {
  return (await readExpectation(folder, expectation)).training;
}
