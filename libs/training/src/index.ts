export { AdamW, type AdamWSettings, type LearningWeight, originalAdamW } from './adamw.js';
export { layOutBatch, type TrainingBatch, type TrainingSequence } from './training-batch.js';
export { type TrainablePart, type TrainingGraph, trainingGraph } from './training-graph.js';
