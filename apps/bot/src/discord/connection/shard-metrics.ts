import type { Shard } from 'discord.js';
import { z } from 'zod';

import type { MetricsOfProcess } from '../../metrics/metrics.js';

/** Sent to a shard's process to have its metrics; discord.js passes on what is not its own. */
const request = 'minigpt4: metrics';
const answer = z.object({ metrics: z.array(z.looseObject({ name: z.string() })) });

/** A shard that restarts has no metrics for a moment. */
const patienceMs = 2_000;

/** Tells the process that started this shard its metrics, whenever it asks. */
export function answerWithMetrics(read: () => Promise<MetricsOfProcess>): void {
  process.on('message', async (message) => {
    if (message === request) process.send?.({ metrics: await read() });
  });
}

/** What a shard counted; nothing when it does not answer. */
export async function readMetrics(shard: Shard): Promise<MetricsOfProcess> {
  const heard = new Promise<MetricsOfProcess>((resolve) => {
    const listen = (message: unknown) => {
      const { data } = answer.safeParse(message);
      if (data) end(data.metrics);
    };
    const end = (metrics: MetricsOfProcess) => {
      clearTimeout(timer);
      shard.off('message', listen);
      resolve(metrics);
    };
    const timer = setTimeout(() => end([]), patienceMs);
    shard.on('message', listen);
  });
  await shard.send(request).catch(() => {});
  return heard;
}
