import { type ArchitectureConfig, type PackageWeight, tokensPerImage } from '#libs/minigpt4';
import type { ModelPackage } from '#libs/model-package';
import { type InferenceSession, Tensor } from '#libs/onnx-runtime';

import type { LearningWeight } from './adamw.js';
import { openSession } from './open-session.js';
import { layOutBatch, type TrainingSequence } from './training-batch.js';
import { type TrainingGraphOptions, trainingGraph } from './training-graph.js';
import { featureShape, type TrainingVariant } from './variant.js';

/** One image with its text, ready for the training graph. */
export interface Example {
  /** Names it in messages. */
  readonly key: string;
  /** What the frozen part of the image encoder gives, `[tokens, width]`. */
  readonly features: Float32Array;
  readonly sequence: TrainingSequence;
}

/** The mean loss of a batch over its target tokens and the gradients by each weight that learns. */
export interface Gradients {
  readonly loss: number;
  readonly byWeight: ReadonlyMap<string, Float32Array>;
}

export interface TrainingStepOptions extends TrainingGraphOptions {
  /** Of the processor; as many as there are cores by default. */
  readonly threads?: number;
}

/** Computes losses and gradients of batches; the frozen weights stay in the package's files. */
export class TrainingStep {
  private constructor(
    private readonly session: InferenceSession,
    readonly trainable: readonly PackageWeight[],
    private readonly tokensPerImage: number,
    private readonly featureShape: readonly number[],
  ) {}

  static async open(
    model: ModelPackage,
    architecture: ArchitectureConfig,
    variant: TrainingVariant,
    { threads, recompute }: TrainingStepOptions = {},
  ): Promise<TrainingStep> {
    const graph = trainingGraph(architecture, model.weights, variant, { recompute });
    return new TrainingStep(
      await openSession(graph.model, model, threads),
      graph.trainable,
      tokensPerImage(architecture),
      featureShape(architecture, variant),
    );
  }

  /**
   * The gradients of a whole batch, computed `atOnce` images at a time: the memory is that of a part, the result
   * that of the whole.
   */
  async differentiate(
    weights: readonly LearningWeight[],
    batch: readonly Example[],
    atOnce = batch.length,
  ): Promise<Gradients> {
    const targets = batch.reduce((sum, { sequence }) => sum + sequence.answer.length, 0);
    let loss = 0;
    const byWeight = new Map<string, Float32Array>();
    for (let start = 0; start < batch.length; start += atOnce) {
      const results = await this.session.run(
        this.feeds(weights, batch.slice(start, start + atOnce), targets),
      );
      loss += Number(results.loss!.data[0]);
      for (const { name } of weights) {
        const gradient = results[`gradient.${name}`]!.data as Float32Array;
        const sum = byWeight.get(name);
        if (sum) addTo(sum, gradient);
        else byWeight.set(name, gradient);
      }
    }
    return { loss, byWeight };
  }

  close(): Promise<void> {
    return this.session.release();
  }

  private feeds(
    weights: readonly LearningWeight[],
    examples: readonly Example[],
    targets: number,
  ): InferenceSession.FeedsType {
    const batch = layOutBatch(
      examples.map(({ sequence }) => sequence),
      this.tokensPerImage,
    );
    const integers = (data: BigInt64Array, shape: readonly number[] = [data.length]) =>
      new Tensor('int64', data, shape);
    const shapes = new Map(this.trainable.map(({ name, shape }) => [name, shape]));
    return {
      ...Object.fromEntries(
        weights.map(({ name, data }) => [name, new Tensor('float32', data, shapes.get(name)!)]),
      ),
      features: joined(examples, this.featureShape),
      text_ids: integers(batch.textIds),
      rows: integers(batch.rows, batch.shape),
      target_rows: integers(batch.targetRows),
      target_ids: integers(batch.targetIds),
      loss_weight: new Tensor('float32', Float32Array.of(1 / targets), []),
    };
  }
}

/** `[images, tokens, width]` */
function joined(examples: readonly Example[], shape: readonly number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const data = new Float32Array(examples.length * size);
  for (const [index, { features }] of examples.entries()) data.set(features, index * size);
  return new Tensor('float32', data, [examples.length, ...shape]);
}

function addTo(sum: Float32Array, part: Float32Array): void {
  for (let index = 0; index < sum.length; index++) sum[index] = sum[index]! + part[index]!;
}
