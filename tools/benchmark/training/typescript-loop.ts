import { type ArchitectureConfig, type PackageWeight, tokensPerImage } from '#libs/minigpt4';
import { openModelPackage } from '#libs/model-package';
import { AdamW, type Example, TrainingStep, trainingVariant } from '#libs/training';

import type { BatchShape } from './workload.js';

/** Stage 1 as this project computes it, over a package of random weights. */
export class TypeScriptLoop {
  private constructor(
    private readonly step: TrainingStep,
    private readonly optimizer: AdamW,
    private readonly architecture: ArchitectureConfig,
  ) {}

  static async open(folder: string, threads: number): Promise<TypeScriptLoop> {
    const model = await openModelPackage(folder);
    const { architecture } = model.manifest;
    const step = await TrainingStep.open(model, architecture, trainingVariant.parse({}), { threads });
    const weights = step.trainable.map(({ name, shape }: PackageWeight) => ({
      name,
      data: randomNumbers(shape.reduce((size, length) => size * length, 1)),
      weightDecay: shape.length > 1 ? 0.05 : 0,
    }));
    return new TypeScriptLoop(step, new AdamW(weights), architecture);
  }

  /** Seconds for one step of the optimizer per batch. */
  async measure(batches: readonly BatchShape[]): Promise<number> {
    const prepared = batches.map((batch) => this.examples(batch));
    const started = performance.now();
    for (const examples of prepared) {
      const { byWeight } = await this.step.differentiate(this.optimizer.weights, examples);
      this.optimizer.step((name) => byWeight.get(name)!, 1e-4);
    }
    return (performance.now() - started) / 1000;
  }

  close(): Promise<void> {
    return this.step.close();
  }

  private examples({ images, tokens }: BatchShape): Example[] {
    const { qFormer, decoder } = this.architecture;
    const visual = tokensPerImage(this.architecture);
    return Array.from({ length: images }, (_, image) => ({
      key: String(image),
      features: randomNumbers(visual * qFormer!.hidden),
      sequence: {
        before: [1],
        between: [],
        answer: Array.from({ length: tokens - visual - 1 }, () =>
          Math.floor(Math.random() * decoder.vocabulary),
        ),
      },
    }));
  }
}

const randomNumbers = (count: number) => Float32Array.from({ length: count }, () => Math.random() - 0.5);
