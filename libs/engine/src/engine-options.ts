import { availableParallelism } from 'node:os';

import { z } from 'zod';

const MEBIBYTE = 2 ** 20;

const count = z.int().positive();

const device = z.enum(['cpu', 'cuda', 'webgpu']);
export type Device = z.infer<typeof device>;

const keyValueType = z.enum(['float32', 'float16']);
export type KeyValueType = z.infer<typeof keyValueType>;

/** How an engine is to run; what is left out takes the default beside it. */
export const engineOptions = z.strictObject({
  /** The folder of the model package. */
  modelPath: z.string().min(1),
  /** Which files are compared with the digests in model.json: the projection and small ones, all, or none. */
  verification: z.enum(['small', 'full', 'off']).default('small'),
  /** Where the networks run. Start-up fails when the device cannot be used; nothing else is tried in its place. */
  device,
  /**
   * Tokens of a reply computed in one network run, sampled there. A device whose memory is apart from the processor's
   * gains by it; the words come in gusts of as many. One token a run, sampled outside, when left out, but 16 on "cuda".
   */
  burst: count.max(256).optional(),
  /**
   * Whether a request's reply is to depend on its prompt, settings and seed alone, to the last bit of every logit: not on
   * who else is served, nor on what the cache held. That costs a row of zeros beside a lone reply, where the processor's
   * kernels need it, and computing each reply once more as a prompt, when nothing else is to do.
   */
  reproducible: z.boolean().default(true),
  /** Threads that one network run may use. */
  threads: count.default(() => availableParallelism()),
  /** The most requests that run at once. */
  slots: count.default(8),
  /** The most tokens of prompt and reply together; the model's own context length when left out. */
  contextLength: count.optional(),
  /** What all slots' keys and values may take. Fewer slots are made when the budget does not hold them all. */
  keyValueCacheBytes: count.default(2048 * MEBIBYTE),
  /** How they are stored: float16 for half the memory. As the device computes when left out, which is float32 on "cpu". */
  keyValueType: keyValueType.optional(),
  /** Requests that may wait for a slot; further ones are refused. */
  queueLimit: z.int().nonnegative().default(64),
  /** The most prompt tokens computed in one network run (one more, where a prompt ends). */
  prefillChunk: count.min(2).default(128),
  /**
   * How long computing other prompts may hold running replies up between two of their tokens, in seconds; and as long
   * again, at most, encoding images.
   */
  prefillPauseSeconds: z.number().positive().default(0.25),
  /** What the projections of recently seen images may take. */
  embeddingCacheBytes: z
    .int()
    .nonnegative()
    .default(256 * MEBIBYTE),
  /** Runs every network once before the engine is ready, so that the first request does not pay for reading the weights. */
  warmUp: z.boolean().default(false),
  /** The most images in one prompt. */
  maxImages: z.int().nonnegative().default(64),
  /** Of one image file. */
  maxImageBytes: count.default(1024 * MEBIBYTE),
  /** Images of more pixels are refused before they are decoded. */
  maxImagePixels: count.default(50_000_000),
});
export type EngineOptions = z.input<typeof engineOptions>;
export type EngineSettings = z.output<typeof engineOptions>;
