import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { convert, openModelPackage, type Quantization } from '#libs/model-package';
import { drain, silent, step, textPrompt } from '../../../test/support/scheduler-clients.js';
import { tinySources } from '../../../test/support/tiny-reference.js';
import { engineOptions } from './engine-options.js';
import { imageDigestOf } from './image-digest.js';
import { loadDecoder } from './load-decoder.js';
import { proveReproducible } from './prove-reproducible.js';
import type { Decoder } from './scheduling/decoder.js';
import type { Prompt } from './scheduling/prompt.js';
import { Scheduler } from './scheduling/scheduler.js';

const SLOTS = 4;

/** A prompt whose tokens have no pattern. */
function promptOf(length: number, seed = 1): number[] {
  return Array.from({ length }, (_, index) => (seed * 7919 + index * index * 31 + index * 17) % 4_000);
}

interface Reply {
  readonly tokens: number[];
  /** Digests of all logits, in order: equal only where every bit is. */
  readonly logits: string[];
  done: boolean;
}

/** Submits a prompt; the reply always takes the likeliest token. */
function submit(scheduler: Scheduler, prompt: Prompt, maxNewTokens: number): Reply {
  const reply: Reply = { tokens: [], logits: [], done: false };
  scheduler.submit({
    promptTokens: prompt.tokens.length,
    preparePrompt: () => Promise.resolve(prompt),
    maxNewTokens,
    sampler: {
      sample: (logits) => {
        reply.logits.push(imageDigestOf(new Uint8Array(logits.slice().buffer)));
        return logits.indexOf(Math.max(...logits));
      },
      plan: () => {
        throw new Error('There are no bursts here.');
      },
      accept: () => {},
    },
    listener: {
      onQueued: () => {},
      onToken: (token) => {
        reply.tokens.push(token);
        return 'continue';
      },
      onFinish: () => {
        reply.done = true;
      },
      onError: (error) => {
        throw error;
      },
    },
  });
  return reply;
}

/** Two threads, since with more than one the rows of a product are cut into pieces. */
describe.each<Quantization>([
  { kind: 'int8' },
  { kind: 'int4', blockSize: 32 },
  { kind: 'int4', blockSize: 128 },
])('replies of a decoder stored as %j, to the last bit', (quantization) => {
  let folder: string;
  let decoder: Decoder;
  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'minigpt4-')), 'tiny');
    await convert({ sources: tinySources, out: folder, quantization });
    const settings = engineOptions.parse({ modelPath: folder, device: 'cpu', threads: 2, slots: SLOTS });
    const modelPackage = await openModelPackage(folder);
    ({ decoder } = (await loadDecoder(
      modelPackage,
      modelPackage.manifest.architecture.decoder.vocabulary,
      settings,
      () => {},
    )) as { decoder: Decoder });
    const { vocabulary } = modelPackage.manifest.architecture.decoder;
    const company = await proveReproducible(decoder, vocabulary);
    process.stderr.write(`${JSON.stringify(quantization)} on this processor: company "${company}"\n`);
    if (quantization.kind === 'int8') expect(company).toBe('none');
  });
  afterAll(() => rm(join(folder, '..'), { recursive: true }));

  /** A scheduler whose cache holds nothing yet. */
  const emptyScheduler = (prefillChunk = 128) =>
    new Scheduler(
      decoder,
      { queueLimit: 100, prefillChunk, prefillPauseSeconds: 60, reproducible: true },
      silent,
      () => {},
    );

  async function replyAlone(tokens: readonly number[], maxNewTokens: number, prefillChunk?: number) {
    const scheduler = emptyScheduler(prefillChunk);
    const reply = submit(scheduler, textPrompt(...tokens), maxNewTokens);
    await drain(scheduler);
    return reply;
  }

  it('are in company what they are alone, whatever number of replies runs', async () => {
    const prompts = [5, 9, 30, 2, 17, 8].map((length, index) => promptOf(length, index + 1));
    const alone: Reply[] = [];
    for (const prompt of prompts) alone.push(await replyAlone(prompt, 6 + 3 * alone.length));
    const scheduler = emptyScheduler();
    const together = prompts.map((prompt, index) => submit(scheduler, textPrompt(...prompt), 6 + 3 * index));
    await drain(scheduler);
    expect(together).toEqual(alone);
  });

  it.each([129, 257, 130])('begin alike however a prompt of %d tokens is cut', async (length) => {
    const whole = await replyAlone(promptOf(length), 3, 1_000);
    for (const chunk of [128, 48, 7, 2]) {
      expect(await replyAlone(promptOf(length), 3, chunk)).toEqual(whole);
    }
  });

  it('are the same whether a follow-up finds the reply before it in its slot, comes at once, or finds nothing', async () => {
    const prompt = promptOf(20);
    const followUpTo = (reply: Reply) => textPrompt(...prompt, ...reply.tokens, ...promptOf(5, 3));

    const quiet = emptyScheduler();
    const first = submit(quiet, textPrompt(...prompt), 24);
    await drain(quiet);
    const later = submit(quiet, followUpTo(first), 8);
    await drain(quiet);

    const busy = emptyScheduler();
    const sameFirst = submit(busy, textPrompt(...prompt), 24);
    while (!sameFirst.done) await step(busy);
    const atOnce = submit(busy, followUpTo(first), 8);
    await drain(busy);

    const empty = emptyScheduler();
    const cold = submit(empty, followUpTo(first), 8);
    await drain(empty);

    expect(sameFirst).toEqual(first);
    expect(later).toEqual(cold);
    expect(atOnce).toEqual(cold);
  });
});
