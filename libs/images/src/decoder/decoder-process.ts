import { setPriority } from 'node:os';

import sharp from 'sharp';

import { UnreadableImageError } from '../image-fault.js';
import { decodeImage } from './decode-image.js';
import type { DecoderReply, DecoderRequest, DecodingBudget } from './messages.js';
import { allowOnlyPromisedLoaders } from './sharp-loaders.js';

/**
 * The process in which image files are decoded. They come from strangers: here a file that takes too long, or too much
 * memory, or breaks the decoder, costs this process and nothing else.
 */

/** How often what a decode takes is looked at. */
const WATCH_MILLISECONDS = 20;

/** A process that nobody needs ends by itself. */
const IDLE_MILLISECONDS = 60_000;

/** After a large image memory may stay in pieces that are not given back: then a fresh process is better. */
const MOST_KEPT_BYTES = 300 * 2 ** 20;

/** Running replies come before new images, which still get their part of a busy machine. */
const BELOW_NORMAL = 2;

allowOnlyPromisedLoaders();
sharp.concurrency(1);
sharp.cache(false);
setPriority(BELOW_NORMAL);

let idle = setTimeout(leave, IDLE_MILLISECONDS);
process.on('message', async (request: DecoderRequest) => {
  clearTimeout(idle);
  reply(await answer(request));
  idle = setTimeout(leave, process.memoryUsage.rss() > MOST_KEPT_BYTES ? 0 : IDLE_MILLISECONDS);
});
// Without its owner it ends; until then signals to the whole group, such as Ctrl-C, are the owner's to heed.
process.on('disconnect', leave);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
reply({ kind: 'ready' });

function leave(): void {
  process.exit();
}

function reply(message: DecoderReply): void {
  process.send?.(message);
}

async function answer(request: DecoderRequest): Promise<DecoderReply> {
  const spent = watch(request.budget);
  const timer = setInterval(() => {
    const resource = spent();
    if (resource) reply({ kind: 'over-budget', resource });
  }, WATCH_MILLISECONDS);
  try {
    const image = await decodeImage(request);
    const resource = spent();
    return resource ? { kind: 'over-budget', resource } : { kind: 'decoded', image };
  } catch (error) {
    if (error instanceof UnreadableImageError) return { kind: 'refused', fault: error.fault };
    return {
      kind: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  } finally {
    clearInterval(timer);
  }
}

/** Says which part of the budget is used up, counted from now. */
function watch({ seconds, bytes }: DecodingBudget): () => 'time' | 'memory' | undefined {
  const begun = process.cpuUsage();
  const resident = process.memoryUsage.rss();
  return () => {
    const { user, system } = process.cpuUsage(begun);
    if ((user + system) / 1e6 > seconds) return 'time';
    return process.memoryUsage.rss() - resident > bytes ? 'memory' : undefined;
  };
}
