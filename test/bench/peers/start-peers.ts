import { shapes } from '#libs/benchmark';

import type { BenchmarkOptions } from '../arguments.js';
import { cachedModel } from '../cache-folder.js';
import { RunningContender } from '../contenders/running-contender.js';
import { slotsOf } from '../own-contenders.js';
import { packageOf } from '../packages.js';
import type { BenchmarkProgress } from '../report/progress.js';
import { installPeer, nodeLlamaCpp, transformersJs } from './install-peers.js';
import { writeLlamaGguf } from './llama-gguf.js';
import { writeTransformersFolder } from './transformers-folder.js';

/** Installs the other projects and starts them with models of the same shape. None of them sees MiniGPT-4's images. */
export async function startPeers(
  options: BenchmarkOptions,
  progress: BenchmarkProgress,
): Promise<RunningContender[]> {
  if (options.shape === 'vit-g') return [];
  return [await startNodeLlamaCpp(options, progress), await startTransformersJs(options, progress)];
}

async function startNodeLlamaCpp(
  { shape, threads }: BenchmarkOptions,
  progress: BenchmarkProgress,
): Promise<RunningContender> {
  const { decoder } = shapes[shape];
  progress.preparing('installing node-llama-cpp');
  const folder = await installPeer(nodeLlamaCpp());
  const model = await cachedModel(`${shape}-q4_0.gguf`, (path) =>
    writeLlamaGguf(path, decoder, (done, total) => progress.makingModel('node-llama-cpp', done, total)),
  );
  return RunningContender.start('node-llama-cpp Q4_0', {
    kind: 'node-llama-cpp',
    folder,
    model,
    sequences: slotsOf(shape),
    contextLength: decoder.contextLength,
    vocabulary: decoder.vocabulary,
    threads,
  });
}

async function startTransformersJs(
  { shape, threads }: BenchmarkOptions,
  progress: BenchmarkProgress,
): Promise<RunningContender> {
  progress.preparing('installing transformers.js');
  const folder = await installPeer(transformersJs);
  const ownPackage = await packageOf(shape, { kind: 'int4', blockSize: 32 }, (done, total) =>
    progress.makingModel('transformers.js', done, total),
  );
  const model = await cachedModel(`${shape}-transformers-js`, (path) =>
    writeTransformersFolder(path, ownPackage),
  );
  const { vocabulary } = shapes[shape].decoder;
  return RunningContender.start('transformers.js q4', {
    kind: 'transformers.js',
    folder,
    model,
    vocabulary,
    threads,
  });
}
