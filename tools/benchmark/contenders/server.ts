import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

import { greedyTextModel, RandomPrompts, randomPhotograph, randomPicture } from '#libs/benchmark';
import { createModelClient, imageFromBytes, type ModelClient } from '#libs/client';

import { freePort } from '../../../test/support/free-port.js';
import { startModelServer } from '../../../test/support/model-server-process.js';
import type { Reading } from '../exercises.js';
import type { Contender, ContenderSpec } from './contender.js';
import { textContender } from './text-contender.js';

const MEBIBYTE = 2 ** 20;

/** Of the reply that runs while photographs arrive: short to read, long to write. */
const REPLY_PROMPT_TOKENS = 32;
const REPLY_TOKENS = 512;
const REPLY_BEGUN_TOKENS = 16;

/** This project's model server as `npm start` runs it, asked through gRPC by the client that the bot uses. */
export async function loadServerContender(
  spec: Extract<ContenderSpec, { kind: 'server' }>,
): Promise<Contender> {
  const httpPort = await freePort();
  const server = await startModelServer(undefined, {
    MODEL_PATH: spec.folder,
    DEVICE: spec.device,
    THREADS: String(spec.threads),
    SLOTS: String(spec.slots),
    KV_CACHE_MIB: String(spec.keyValueCacheBytes / MEBIBYTE),
    HTTP_PORT: String(httpPort),
  });
  const client = createModelClient({ address: server.address });
  const { vocabulary } = spec;
  const text = textContender(greedyTextModel(client), vocabulary, async () => {
    client.close();
    await server.stop();
  });
  return {
    async perform(exercise) {
      const prompts = new RandomPrompts(vocabulary);
      switch (exercise.kind) {
        case 'full-load':
          return loadServer(client, prompts, `http://127.0.0.1:${httpPort}/metrics`, exercise);
        case 'photographs':
          return sendPhotographs(client, prompts, exercise.count);
        default:
          return text.perform(exercise);
      }
    },
    close: text.close,
  };
}

/** More requests than slots, each with a new image, and how long the server's event loop stood still meanwhile. */
async function loadServer(
  client: ModelClient,
  prompts: RandomPrompts,
  metricsUrl: string,
  { requests, promptTokens, newTokens }: { requests: number; promptTokens: number; newTokens: number },
): Promise<Reading[]> {
  const prepared = await Promise.all(
    Array.from({ length: requests }, async () => ({
      image: imageFromBytes(await randomPicture()),
      text: prompts.next(promptTokens),
    })),
  );
  await worstGapSinceLastAsked(metricsUrl);
  await Promise.all(
    prepared.map(({ image, text }) =>
      client.generateOnce({
        segments: [
          { kind: 'image', image },
          { kind: 'text', text },
        ],
        sampling: { temperature: 0 },
        maxNewTokens: newTokens,
        stopSequences: [],
      }),
    ),
  );
  const seconds = await worstGapSinceLastAsked(metricsUrl);
  return [{ name: `event loop, worst gap with ${requests} requests`, unit: 'ms', value: seconds * 1000 }];
}

/** How long one running reply stands still at most while photographs arrive all at once and are encoded. */
async function sendPhotographs(
  client: ModelClient,
  prompts: RandomPrompts,
  count: number,
): Promise<Reading[]> {
  const photographs = await Promise.all(Array.from({ length: count }, () => randomPhotograph()));
  const arrivals: number[] = [];
  const ending = new AbortController();
  const { signal } = ending;
  const running = keepReplying(client, prompts, () => arrivals.push(performance.now()), signal);
  while (arrivals.length < REPLY_BEGUN_TOKENS) await Promise.race([sleep(10), running]);
  const sentAt = performance.now();
  const encoded: Promise<unknown>[] = [];
  for (const photograph of photographs) {
    encoded.push(client.encodeImage(photograph));
    // This process reads the reply as well; writing them all in one go, it would measure itself.
    await nextTurn();
  }
  await Promise.all(encoded);
  const encodedAt = performance.now();
  ending.abort();
  await running;
  const during = [sentAt, ...arrivals.filter((at) => at > sentAt && at < encodedAt), encodedAt];
  const worst = Math.max(...during.slice(1).map((at, index) => at - during[index]!));
  return [{ name: `running stream, worst gap with ${count} photographs of 12 MP`, unit: 'ms', value: worst }];
}

/** One reply after another, without a pause between them to speak of. */
async function keepReplying(
  client: ModelClient,
  prompts: RandomPrompts,
  onToken: () => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const request = {
      segments: [{ kind: 'text', text: prompts.next(REPLY_PROMPT_TOKENS) }],
      sampling: { temperature: 0 },
      maxNewTokens: REPLY_TOKENS,
      stopSequences: [],
    } as const;
    try {
      for await (const event of client.generate(request, { signal })) if (event.kind === 'delta') onToken();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** The server tells it among its metrics; it looks every 10 ms, so no gap is shorter than that. */
async function worstGapSinceLastAsked(metricsUrl: string): Promise<number> {
  const response = await fetch(metricsUrl);
  const gap = /^nodejs_eventloop_lag_max_seconds ([\d.e-]+)$/m.exec(await response.text());
  if (!gap) throw new Error('The server tells no event loop lag among its metrics.');
  return Number(gap[1]);
}
