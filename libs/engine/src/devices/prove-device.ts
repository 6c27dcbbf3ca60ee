import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WeightCatalog, WeightLocation } from '#libs/graph';
import {
  architectureConfig,
  cacheHeadWidth,
  decoderGraph,
  type MatrixFormat,
  type Precision,
  packageWeights,
  storedTensors,
} from '#libs/minigpt4';
import { type InferenceSession, Tensor } from '#libs/onnx-runtime';

import type { Device } from '../engine-options.js';
import { EngineError } from '../errors.js';
import { Random } from '../sampling/random.js';
import { openSession } from './open-session.js';

/** A decoder of one layer, large enough for every kernel of a real one. */
const tiny = architectureConfig.parse({
  vision: {
    imageSize: 14,
    patchSize: 14,
    width: 8,
    depth: 1,
    heads: 1,
    mlpWidth: 8,
    layerNormEpsilon: 1e-6,
    outputLayerNormEpsilon: 1e-5,
  },
  qFormer: null,
  projection: { widths: [8, 128], patchesPerToken: 1 },
  decoder: {
    hidden: 128,
    layers: 1,
    heads: 4,
    keyValueHeads: 4,
    intermediate: 256,
    vocabulary: 256,
    contextLength: 16,
    rmsNormEpsilon: 1e-6,
    ropeBase: 10_000,
  },
});
const PROMPT_TOKENS = 5;

/**
 * What the logits of device and processor may differ by, as a share of the largest: they add in another order, round
 * quantised activations differently, and a device may compute in half precision. Wrong kernels are wrong by far more.
 */
const TOLERANCE = 0.05;

/** A decoder for trials: its weights, in `folder`, and the format of its matrices. */
interface TrialDecoder {
  readonly folder: string;
  readonly weights: WeightCatalog;
  readonly format: MatrixFormat;
}

/** Computes the logits `[vocabulary]` that follow a prompt, the same for every device and precision. */
export type Trial = (decoder: TrialDecoder, on: Device, within: Precision) => Promise<Float32Array>;

/**
 * Runs a tiny decoder of the model's own format on the device, in the precision that is to be used, and in single
 * precision on the processor, and compares.
 *
 * @param trial how it is run; another than ONNX Runtime's stands for a device that computes wrongly
 * @throws EngineError `device-unavailable` when the device cannot run it, or computes something else
 */
export async function proveDevice(
  device: Device,
  format: MatrixFormat,
  precision: Precision,
  trial: Trial = firstLogits,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'minigpt4-device-'));
  try {
    const decoder = { folder, weights: await randomWeights(folder, format), format };
    const expected = await trial(decoder, 'cpu', 'float32');
    const actual = await trial(decoder, device, precision).catch((cause: unknown) => {
      throw new EngineError({ code: 'device-unavailable', device, reason: whyNot(device, cause) }, { cause });
    });
    const difference = relativeDifference(actual, expected);
    if (difference < TOLERANCE) return;
    throw new EngineError({
      code: 'device-unavailable',
      device,
      reason:
        `its results ${difference === Infinity ? 'are not numbers' : `differ from the processor's by ${(100 * difference).toFixed(0)} %`} in a trial run. ` +
        'Update its driver, or choose the device "cpu".',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function firstLogits(
  { weights, format, folder }: TrialDecoder,
  device: Device,
  precision: Precision,
): Promise<Float32Array> {
  const graph = decoderGraph(tiny.decoder, weights, {
    format,
    keyValueType: precision,
    sequenceFirst: false,
    attentionKernel: 'one-pass',
    precision,
  });
  const { hidden, keyValueHeads, contextLength } = tiny.decoder;
  const session: InferenceSession = await openSession(graph, folder, { device, threads: 1 });
  try {
    const random = new Random(1);
    const embeddings = Float32Array.from({ length: PROMPT_TOKENS * hidden }, () => random.next() - 0.5);
    const cacheShape = [1, keyValueHeads, contextLength, cacheHeadWidth(tiny.decoder)];
    const size = cacheShape.reduce((product, length) => product * length, 1);
    const past = new Tensor(
      precision,
      precision === 'float32' ? new Float32Array(size) : new Uint16Array(size),
      cacheShape,
    );
    const { logits } = await session.run({
      inputs_embeds: new Tensor('float32', embeddings, [1, PROMPT_TOKENS, hidden]),
      seqlens_k: new Tensor('int32', Int32Array.of(PROMPT_TOKENS - 1), [1]),
      total_sequence_length: new Tensor('int32', Int32Array.of(PROMPT_TOKENS), [1]),
      logits_after: new Tensor('int64', BigInt64Array.of(BigInt(PROMPT_TOKENS - 1)), [1]),
      'past_key_values.0.key': past,
      'past_key_values.0.value': past,
    });
    return logits!.data as Float32Array;
  } finally {
    await session.release();
  }
}

/** A file of random weights in the layout of a package. */
async function randomWeights(folder: string, format: MatrixFormat): Promise<WeightCatalog> {
  const random = new Random(2);
  const locations = new Map<string, WeightLocation>();
  const chunks: Uint8Array[] = [];
  let offset = 0;
  const tensors = packageWeights(tiny)
    .filter(({ file }) => file === 'decoder.safetensors')
    .flatMap((weight) => storedTensors(weight, format));
  for (const { name, dataType, shape } of tensors) {
    const count = shape.reduce((product, length) => product * length, 1);
    const bytes =
      dataType === 'uint8'
        ? Uint8Array.from({ length: count }, () => random.next() * 256)
        : new Uint8Array(Float32Array.from({ length: count }, () => (random.next() - 0.5) / 8).buffer);
    locations.set(name, { file: 'weights', offset, length: bytes.length, dataType, shape });
    chunks.push(bytes);
    offset += bytes.length;
  }
  await writeFile(join(folder, 'weights'), Buffer.concat(chunks));
  return {
    has: (name) => locations.has(name),
    get(name) {
      const location = locations.get(name);
      if (!location) throw new Error(`The trial decoder has no weight ${name}.`);
      return location;
    },
  };
}

/** The largest difference as a share of the largest expected magnitude; infinite where a number is missing. */
function relativeDifference(actual: Float32Array, expected: Float32Array): number {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = expected.reduce(
    (most, value, index) => Math.max(most, Math.abs(value - actual[index]!)),
    0,
  );
  return Number.isNaN(difference) ? Infinity : difference / largest;
}

function whyNot(device: Device, error: unknown): string {
  const messages: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) messages.push(cause.message);
  const text = messages.join(' ');
  if (/No supported adapters|WebGPU adapter/.test(text)) {
    return 'no graphics processor with a Vulkan driver was found. Install the driver, or choose the device "cpu".';
  }
  return `a trial run failed on it: ${messages.at(-1) ?? String(error)} "cli doctor" says what ${device} needs here; the device "cpu" always works.`;
}
