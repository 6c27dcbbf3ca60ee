import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { CodedError } from '#libs/errors';
import { decodeText } from '#libs/files';
import { trainingVariant } from '../variant.js';

const count = z.int().positive();
const rate = z.number().nonnegative();

/** Image-text pairs in one of the paper's two layouts. Paths are relative to where the command runs. */
const dataConfig = z.discriminatedUnion('layout', [
  z.strictObject({
    layout: z.literal('webdataset'),
    sources: z.array(z.strictObject({ shards: z.string(), ratio: z.number().positive().default(1) })).min(1),
    shuffleBuffer: count.default(1000),
  }),
  z.strictObject({ layout: z.literal('cc_sbu_align'), folder: z.string() }),
]);
export type DataConfig = z.infer<typeof dataConfig>;

const commonConfig = z.strictObject({
  /** A model package: the frozen parts and the tokenizer. */
  model: z.string(),
  variant: trainingVariant.prefault({}),
  /** What the learning weights start from: "random", "package", or a checkpoint (.pth), such as stage 1's result. */
  start: z.string().default('package'),
  data: dataConfig,
  imageTransform: z.enum(['resize', 'random-resized-crop']).default('resize'),
  endSymbol: z.string(),
  /** Of an answer, its end symbol included. */
  maxTokens: count,
  /** Images whose gradients make one step of the optimizer. */
  batch: count,
  /** Images computed at once; gradients of a larger batch are added up part by part. */
  imagesAtOnce: count.optional(),
  /** Computes the decoder's layers twice instead of keeping all they compute: less memory, more time. */
  recompute: z.boolean().default(false),
  epochs: count,
  stepsPerEpoch: count,
  learningRate: z.strictObject({
    warmup: rate,
    initial: rate,
    minimum: rate,
    warmupSteps: z.int().nonnegative(),
  }),
  weightDecay: rate.default(0.05),
  seed: z.int().default(42),
  checkpointMinutes: z.number().positive().default(10),
  /** A folder that keeps the frozen features of images from run to run; null computes them every time. */
  featureCache: z.string().nullable().default(null),
});

/** Stage 1: an image and its caption, nothing else. */
const stage1Config = commonConfig;
export type Stage1Config = z.infer<typeof stage1Config>;

/** Stage 2: a question about the image, one of several per batch, and a detailed answer. */
const stage2Config = commonConfig.extend({
  /** What surrounds a prompt, which comes in at {}; the image at <ImageHere>, or as MiniGPT-4 has it before the prompt. */
  template: z.string().includes('{}'),
  prompts: z.array(z.string()).min(1),
});
export type Stage2Config = z.infer<typeof stage2Config>;

export type TrainingConfig =
  | ({ readonly stage: 'stage1' } & Stage1Config)
  | ({ readonly stage: 'stage2' } & Stage2Config);
export type TrainingStage = TrainingConfig['stage'];

/** Says of the commonest mistakes what they are; of others Zod says enough. */
function plainly(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys') return `There is no setting "${issue.keys.join('", "')}"`;
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'This setting is missing';
  return undefined;
}

/** @throws CodedError `training-config` also for a setting that does not exist. */
export async function readTrainingConfig(stage: TrainingStage, path: string): Promise<TrainingConfig> {
  try {
    const settings: unknown = parse(decodeText(await readFile(path)));
    return stage === 'stage1'
      ? { stage, ...stage1Config.parse(settings, { error: plainly }) }
      : { stage, ...stage2Config.parse(settings, { error: plainly }) };
  } catch (cause) {
    const problem =
      cause instanceof z.ZodError ? z.prettifyError(cause) : cause instanceof Error ? cause.message : '';
    throw new CodedError('training-config', `${path} cannot be used for ${stage}:\n${problem}`, { cause });
  }
}
