export { AdamW, type AdamWSettings, type LearningWeight, originalAdamW } from './adamw.js';
export { trainingNumbers } from './reference/training-numbers.js';
export type { StepReport } from './run/loss-log.js';
export { type TrainingOptions, type TrainingOutcome, train } from './run/train.js';
export { readTrainingConfig, type TrainingConfig, type TrainingStage } from './run/training-config.js';
export { layOutBatch, type TrainingBatch, type TrainingSequence } from './training-batch.js';
export { type TrainingGraph, trainingGraph } from './training-graph.js';
export { type Example, type Gradients, TrainingStep } from './training-step.js';
export { architectureOf, type TrainingVariant, trainingVariant } from './variant.js';
