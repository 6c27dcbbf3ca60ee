import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { openCheckpoint, toFloat32 } from '#libs/checkpoint';
import {
  convert,
  type ModelPackage,
  type NamedFiles,
  openModelPackage,
  type Quantization,
} from '#libs/model-package';
import { InferenceSession } from '#libs/onnx-runtime';

/** The folder of reference numbers to compare with; any other of the same layout can be named. */
export const referenceFolder =
  process.env.REFERENCE_DIR ?? fileURLToPath(new URL('../fixtures/reference/tiny', import.meta.url));

export const sources: NamedFiles = {
  vit: join(referenceFolder, 'eva_vit.pth'),
  qFormer: join(referenceFolder, 'blip2_qformer.pth'),
  projection: join(referenceFolder, 'pretrained_minigpt4.pth'),
  llm: join(referenceFolder, 'llm'),
};

const trainingStage = z.object({
  items: z
    .array(z.object({ image: z.string(), prompt: z.string(), answer: z.string(), end_symbol: z.string() }))
    .min(1),
  loss: z.number(),
});

/** A reference without cases would let every comparison pass. */
const expectation = z.object({
  cases: z
    .array(
      z.object({
        images: z.array(z.string()),
        prompt: z.string(),
        prompt_length: z.int(),
        segment_token_ids: z.array(z.array(z.int())).min(1),
        greedy_token_ids: z.array(z.int()).min(1),
      }),
    )
    .min(1),
  training: z.object({
    stage1: trainingStage,
    stage2: trainingStage,
    adamw10: z.object({
      lr: z.number(),
      weight_decay: z.number(),
      bias_weight_decay: z.number(),
      losses_before_each_step: z.array(z.number()).min(1),
    }),
  }),
});
export type Expectation = z.infer<typeof expectation>;

export async function readExpectation(): Promise<Expectation> {
  return expectation.parse(JSON.parse(await readFile(join(referenceFolder, 'expected.json'), 'utf8')));
}

export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What the original computed, by the names of the reference's README. */
export class ExpectedTensors {
  private constructor(private readonly tensors: ReadonlyMap<string, FloatTensor>) {}

  static async read(): Promise<ExpectedTensors> {
    const reader = await openCheckpoint(join(referenceFolder, 'expected.safetensors'));
    const tensors = new Map<string, FloatTensor>();
    for (const [name, { shape }] of reader.tensors) {
      tensors.set(name, { shape, data: toFloat32(await reader.read(name)) });
    }
    await reader.close();
    return new ExpectedTensors(tensors);
  }

  get names(): string[] {
    return [...this.tensors.keys()];
  }

  get(name: string): FloatTensor {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new Error(`The reference has no tensor "${name}"`);
    return tensor;
  }
}

/** Folders that the tests of a file make, removed together. */
export class TemporaryFolders {
  private readonly folders: string[] = [];

  async create(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'minigpt4-reference-'));
    this.folders.push(folder);
    return folder;
  }

  async removeAll(): Promise<void> {
    await Promise.all(this.folders.map((folder) => rm(folder, { recursive: true })));
  }
}

export async function convertReference(
  folder: string,
  paths: NamedFiles = sources,
  quantization: Quantization = { kind: 'none' },
): Promise<ModelPackage> {
  await convert({ sources: paths, out: folder, quantization });
  return openModelPackage(folder);
}

export function openSession(graph: Uint8Array, { folder }: ModelPackage): Promise<InferenceSession> {
  return InferenceSession.create(graph, {
    extra: { session: { model_external_initializers_file_folder_path: folder } },
  });
}

/** The largest difference between two tensors, as a share of the largest magnitude in the expected one. */
export function relativeDifference(actual: ArrayLike<number>, expected: Float32Array): number {
  if (actual.length !== expected.length) {
    throw new Error(`${actual.length} numbers were computed where ${expected.length} are expected`);
  }
  let difference = 0;
  let magnitude = 0;
  for (const [index, value] of expected.entries()) {
    difference = Math.max(difference, Math.abs(actual[index]! - value));
    magnitude = Math.max(magnitude, Math.abs(value));
  }
  return difference / magnitude;
}
