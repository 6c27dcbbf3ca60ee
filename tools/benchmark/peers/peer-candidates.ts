import { shapes } from '#libs/benchmark';
import { requireLlama } from '#libs/minigpt4';

import type { BenchmarkOptions } from '../arguments.js';
import { cachedModel } from '../cache-folder.js';
import type { Candidate } from '../candidate.js';
import { RunningContender } from '../contenders/running-contender.js';
import { keyValueBytes } from '../key-value-bytes.js';
import { packageOf } from '../packages.js';
import type { BenchmarkProgress } from '../report/progress.js';
import { installPeer, nodeLlamaCpp, transformersJs } from './install-peers.js';
import { writeLlamaGguf } from './llama-gguf.js';
import { writeTransformersFolder } from './transformers-folder.js';

/** Installs node-llama-cpp and makes a model of the same shape for it. */
export async function llamaCandidate(
  { shape, threads }: BenchmarkOptions,
  progress: BenchmarkProgress,
): Promise<Candidate> {
  const name = 'node-llama-cpp Q4_0';
  const { decoder } = shapes[shape];
  progress.preparing('installing node-llama-cpp');
  const folder = await installPeer(nodeLlamaCpp());
  const model = await cachedModel(`${shape}-q4_0.gguf`, (path) =>
    writeLlamaGguf(path, requireLlama(decoder), (done, total) => progress.makingModel(name, done, total)),
  );
  const spec = { kind: 'node-llama-cpp', folder, model, threads, vocabulary: decoder.vocabulary } as const;
  return {
    name,
    files: model,
    // Kept in float16 unless told otherwise.
    keyValueBytes: (room) => keyValueBytes(shape, room, Uint16Array),
    start: ({ conversations, contextLength }) =>
      RunningContender.start(name, { ...spec, sequences: conversations, contextLength }),
  };
}

/** Installs transformers.js and lays the weights of this project's package out for it. */
export async function transformersCandidate(
  { shape, threads }: BenchmarkOptions,
  progress: BenchmarkProgress,
): Promise<Candidate> {
  const name = 'transformers.js q4';
  progress.preparing('installing transformers.js');
  const folder = await installPeer(transformersJs);
  const ownPackage = await packageOf(shape, { blockSize: 32, encoder: 'none' }, (done, total) =>
    progress.makingModel(name, done, total),
  );
  const model = await cachedModel(`${shape}-transformers-js`, (path) =>
    writeTransformersFolder(path, ownPackage),
  );
  const { vocabulary } = shapes[shape].decoder;
  return {
    name,
    files: model,
    // They are gone when the reply has ended.
    keyValueBytes: () => 0,
    start: () =>
      RunningContender.start(name, { kind: 'transformers.js', folder, model, threads, vocabulary }),
  };
}
