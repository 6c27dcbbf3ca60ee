import { readFile } from 'node:fs/promises';
import { CodedError } from '#libs/errors';

import type { ArchitectureConfig, PackageWeight } from '#libs/minigpt4';
import { type ModelPackage, openModelPackage } from '#libs/model-package';
import { Tokenizer } from '#libs/tokenizer';

import { AdamW } from '../adamw.js';
import type { SkippedSample, StreamPosition } from '../data/dataset.js';
import { FeatureCache } from '../features/feature-cache.js';
import { FeatureEncoder } from '../features/feature-encoder.js';
import { ImageFeatures } from '../features/image-features.js';
import {
  randomProjection,
  toLearningWeights,
  weightsOfCheckpoint,
  weightsOfPackage,
} from '../initial-weights.js';
import { TrainingStep } from '../training-step.js';
import { architectureOf, featureShape, frozenStage } from '../variant.js';
import { ExampleSource } from './example-source.js';
import { imageTransformOf, openDataset } from './open-data.js';
import type { TrainingConfig } from './training-config.js';

/** A model that is ready to be trained: the frozen package, and the weights that learn in memory. */
export interface TrainableModel {
  readonly model: ModelPackage;
  readonly architecture: ArchitectureConfig;
  /** What learns, in the order of the optimizer's weights. */
  readonly weights: readonly PackageWeight[];
  readonly optimizer: AdamW;
  readonly gradients: TrainingStep;
}

/** @throws CodedError `model-package`, `variant` or `initial-weights`; CheckpointError */
export async function openTrainableModel(config: TrainingConfig, threads?: number): Promise<TrainableModel> {
  const model = await openModelPackage(config.model);
  if (model.manifest.quantization.decoder.kind !== 'none') {
    throw new CodedError(
      'variant',
      `The language model of ${config.model} is quantised, and gradients pass through floating-point matrices only. ` +
        'Convert it without --quantize for training; the trained projection fits the quantised package as well.',
    );
  }
  const { encoder } = model.manifest.quantization;
  if (config.variant.qFormer === 'trained' && encoder && encoder.kind !== 'none') {
    throw new CodedError(
      'variant',
      `The Q-Former of ${config.model} is quantised, and only one in float32 learns. Convert the model with ` +
        '--quantize-encoder none.',
    );
  }
  const architecture = architectureOf(model.manifest.architecture, config.variant);
  const gradients = await TrainingStep.open(model, architecture, config.variant, {
    threads,
    recompute: config.recompute,
  });
  const weights = gradients.trainable;
  const values = await initialWeights(config, model, weights);
  const optimizer = new AdamW(toLearningWeights(weights, values, config.weightDecay));
  return { model, architecture, weights, optimizer, gradients };
}

async function initialWeights(
  { start, seed }: TrainingConfig,
  model: ModelPackage,
  weights: readonly PackageWeight[],
): Promise<Float32Array[]> {
  if (start === 'package') return weightsOfPackage(model, weights);
  if (start !== 'random') return weightsOfCheckpoint(start, weights);
  const isProjection = ({ name }: PackageWeight) => name.startsWith('projection.');
  const random = randomProjection(weights.filter(isProjection), seed);
  const known = await weightsOfPackage(
    model,
    weights.filter((weight) => !isProjection(weight)),
  );
  return [...known, ...random]; // the projection is computed last
}

/** The examples of a run, from the start or from where a checkpoint stood. */
export async function openExamples(
  config: TrainingConfig,
  { model, architecture }: TrainableModel,
  position: StreamPosition | undefined,
  onSkipped: (sample: SkippedSample) => void,
  threads?: number,
): Promise<ExampleSource> {
  const { manifest, tokenizerPath } = model;
  const transform = imageTransformOf(config, architecture.vision);
  const stage = frozenStage(config.variant);
  const [tokens, width] = featureShape(architecture, config.variant);
  const identity = [manifest.digests['vision.safetensors'], stage, config.imageTransform];
  const features = new ImageFeatures(
    await FeatureEncoder.open(model, stage, threads),
    transform,
    config.featureCache !== null && transform.deterministic
      ? await FeatureCache.open(config.featureCache, identity, tokens * width)
      : null,
    config.seed,
    onSkipped,
  );
  const stream = await openDataset(config.data).open({ seed: config.seed, position, onSkipped });
  const tokenizer = Tokenizer.fromJson(JSON.parse(await readFile(tokenizerPath, 'utf8')), manifest.tokens);
  return new ExampleSource(config, stream, features, tokenizer);
}
