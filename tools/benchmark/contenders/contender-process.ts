import { once } from 'node:events';

import type { Contender, ContenderMessage, ContenderRequest, ContenderSpec } from './contender.js';
import { loadEngineContender } from './engine.js';
import { loadNodeLlamaCpp } from './node-llama-cpp.js';
import { loadServerContender } from './server.js';
import { loadTransformersJs } from './transformers-js.js';

/** A process that loads one contender and carries out exercises for its parent, until the parent hangs up. */
async function main(): Promise<void> {
  const send = (message: ContenderMessage) => process.send?.(message);
  try {
    const [spec] = (await once(process, 'message')) as [ContenderSpec];
    const contender = await load(spec);
    process.on('message', async (request: ContenderRequest) => {
      try {
        if (request.kind === 'resident-memory')
          send({ kind: request.kind, bytes: process.memoryUsage.rss() });
        else send({ kind: 'readings', readings: await contender.perform(request) });
      } catch (error) {
        send({ kind: 'failed', message: sentenceOf(error) });
      }
    });
    process.once('disconnect', async () => {
      await contender.close();
      process.exit();
    });
    send({ kind: 'ready' });
  } catch (error) {
    send({ kind: 'failed', message: sentenceOf(error) });
  }
}

function load(spec: ContenderSpec): Promise<Contender> {
  switch (spec.kind) {
    case 'engine':
      return loadEngineContender(spec);
    case 'server':
      return loadServerContender(spec);
    case 'node-llama-cpp':
      return loadNodeLlamaCpp(spec);
    case 'transformers.js':
      return loadTransformersJs(spec);
  }
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

await main();
