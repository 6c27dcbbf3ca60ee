import { decodeRate, greedyTextModel, prefillRate, RandomPrompts, randomPicture } from '#libs/benchmark';
import { type EngineOptions, startEngine } from '#libs/engine';

import { remark } from '../console/output.js';

/** What `bench` prints with --json. Rates are in tokens per second, times in seconds, of the fastest of several runs. */
export interface Speed {
  readonly prefill: Readonly<Record<string, number>>;
  readonly decode: Readonly<Record<string, number>>;
  readonly image_encode: number;
  readonly start: number;
  readonly memory_bytes: number;
}

const RUNS = 3;
const NEW_TOKENS = 33;
const SHARES_OF_CONTEXT = [1 / 16, 1 / 4, 3 / 4];

/** Starts an engine with a package of random weights, measures it, and closes it. */
export async function measureSpeed(options: EngineOptions): Promise<Speed> {
  const startedAt = performance.now();
  const engine = await startEngine({ ...options, warmUp: true }, { onWarning: remark });
  const start = secondsSince(startedAt);
  try {
    const { vocabulary, contextLength } = engine.manifest.architecture.decoder;
    const model = greedyTextModel(engine);
    const prompts = new RandomPrompts(vocabulary);
    const lengths = SHARES_OF_CONTEXT.map((share) => Math.floor(contextLength * share));
    const prefill: Record<string, number> = {};
    const decode: Record<string, number> = {};
    for (const tokens of lengths) {
      prefill[tokens] = await best(() => prefillRate(model, prompts.next(tokens - 1), tokens), Math.max);
      const prompt = prompts.next(tokens - 1);
      decode[tokens] = await best(() => decodeRate(model, prompt, NEW_TOKENS), Math.max);
    }
    const encode = async () => {
      const picture = await randomPicture();
      const encodingSince = performance.now();
      await engine.encodeImage(picture);
      return secondsSince(encodingSince);
    };
    const image_encode = await best(encode, Math.min);
    return { prefill, decode, image_encode, start, memory_bytes: process.memoryUsage.rss() };
  } finally {
    await engine.close();
  }
}

async function best(
  measure: () => Promise<number>,
  better: (a: number, b: number) => number,
): Promise<number> {
  let result = await measure();
  for (let run = 1; run < RUNS; run++) result = better(result, await measure());
  return result;
}

const secondsSince = (startedAt: number) => (performance.now() - startedAt) / 1000;
