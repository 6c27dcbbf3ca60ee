import { z } from 'zod';

import { families, miniGpt4, templateNames } from '#libs/families';
import { architectureConfig } from '#libs/minigpt4';

const blockSize = z.union([z.literal(32), z.literal(64), z.literal(128)]);

/** How the decoder's matrices are stored. Norms, biases, embeddings and the projection stay in float. */
export const quantization = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('int8') }),
  z.strictObject({ kind: z.literal('int8-weights'), blockSize }),
  z.strictObject({ kind: z.literal('int4'), blockSize }),
]);
export type Quantization = z.infer<typeof quantization>;

/** Before there were rows in int8, `int8` was the name of blocks. */
const storedQuantization = z.preprocess(
  (stored) => (isInt8InBlocks(stored) ? { ...stored, kind: 'int8-weights' } : stored),
  quantization,
);

const isInt8InBlocks = (stored: unknown): stored is object =>
  z.looseObject({ kind: z.literal('int8'), blockSize: z.unknown() }).safeParse(stored).success;

/** How the matrices of ViT and Q-Former are stored. Packages in `dynamic-int8` are read, but made no more. */
const encoderQuantization = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('int8') }),
  z.strictObject({ kind: z.literal('dynamic-int8') }),
]);
export type EncoderQuantization = Exclude<z.infer<typeof encoderQuantization>, { kind: 'dynamic-int8' }>;

/** How a package that is made stores its matrices. */
export interface PackageQuantization {
  readonly decoder: Quantization;
  /** Float32 when left out. */
  readonly encoder?: EncoderQuantization;
}

/** `model.json`: everything about a model package that is not a weight or a vocabulary. */
export const modelManifest = z.strictObject({
  formatVersion: z.literal(1),
  name: z.string().min(1),
  /** What the model knows and what it does not, in a sentence for its users. */
  description: z.string(),
  /** What the networks are put together as; packages from before there were several are MiniGPT-4. */
  family: z
    .enum(
      families.map(({ name }) => name),
      {
        error: ({ input }) =>
          `this version runs no family "${input}"; there are ${families.map(({ name }) => name).join(', ')}`,
      },
    )
    .default(miniGpt4.name),
  template: z.enum(templateNames),
  /** How many images of one prompt the model tells apart: as many as its training showed it at once. MiniGPT-4's, one. */
  distinctImages: z.int().positive().default(1),
  architecture: architectureConfig,
  quantization: z.strictObject({ decoder: storedQuantization, encoder: encoderQuantization.optional() }),
  generation: z.strictObject({
    temperature: z.number().min(0).max(2),
    topP: z.number().positive().max(1),
    /** 0 switches the limit off. */
    topK: z.int().nonnegative(),
    repetitionPenalty: z.number().positive().max(2),
    maxNewTokens: z.int().positive(),
  }),
  tokens: z.strictObject({
    beginOfSequence: z.int().nonnegative(),
    endOfSequence: z.int().nonnegative(),
    /** Whether a text after an end-of-sequence token begins with a space, as every other text does. */
    spaceAfterEnd: z.boolean().optional(),
    /** Whether the begin-of-sequence token follows the images that open a prompt, instead of opening it. */
    beginsAfterImages: z.boolean().optional(),
  }),
  /** The files the package was made from. */
  sources: z.array(z.strictObject({ file: z.string(), bytes: z.int(), sha256: z.string() })),
  /** SHA-256 of each file of the package but this one. */
  digests: z.record(z.string(), z.string()),
});
export type ModelManifest = z.infer<typeof modelManifest>;
