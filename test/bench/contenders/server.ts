import { greedyTextModel, RandomPrompts, randomPicture } from '#libs/benchmark';
import { createModelClient, imageFromBytes, type ModelClient } from '#libs/client';

import { freePort } from '../../support/free-port.js';
import { startModelServer } from '../../support/model-server-process.js';
import type { Reading } from '../exercises.js';
import type { Contender, ContenderSpec } from './contender.js';
import { textContender } from './text-contender.js';

const MEBIBYTE = 2 ** 20;

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
    perform: (exercise) =>
      exercise.kind === 'full-load'
        ? loadServer(client, new RandomPrompts(vocabulary), `http://127.0.0.1:${httpPort}/metrics`, exercise)
        : text.perform(exercise),
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

/** The server tells it among its metrics; it looks every 10 ms, so no gap is shorter than that. */
async function worstGapSinceLastAsked(metricsUrl: string): Promise<number> {
  const response = await fetch(metricsUrl);
  const gap = /^nodejs_eventloop_lag_max_seconds ([\d.e-]+)$/m.exec(await response.text());
  if (!gap) throw new Error('The server tells no event loop lag among its metrics.');
  return Number(gap[1]);
}
