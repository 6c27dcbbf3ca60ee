import { shapes } from '#libs/benchmark';

import type { BenchmarkOptions } from './arguments.js';
import type { Candidate, Room } from './candidate.js';
import type { ContenderSpec } from './contenders/contender.js';
import { RunningContender } from './contenders/running-contender.js';
import { packageOf } from './packages.js';
import { llamaCandidate, transformersCandidate } from './peers/peer-candidates.js';
import type { BenchmarkProgress } from './report/progress.js';
import { slotsOf } from './sections.js';

/** Makes models and installs peers as needed: what decode and its kin are measured with. */
export async function prepareCandidates(
  options: BenchmarkOptions,
  progress: BenchmarkProgress,
): Promise<Candidate[]> {
  const { shape, withoutPeers } = options;
  const blockSizes = shape === 'vit-g' ? ([32] as const) : ([32, 128] as const);
  const candidates: Candidate[] = [];
  for (const blockSize of blockSizes) {
    candidates.push(
      await ownCandidate('engine', `minigpt4-chat int4 block ${blockSize}`, blockSize, options, progress),
    );
  }
  if (!withoutPeers && (shape === 'tinyllama' || shape === '7b')) {
    candidates.push(await llamaCandidate(options, progress), await transformersCandidate(options, progress));
  }
  return candidates;
}

/** The engine and the server around it, with the same model. */
export async function prepareServerCandidates(
  options: BenchmarkOptions,
  progress: BenchmarkProgress,
): Promise<Candidate[]> {
  return [
    await ownCandidate('engine', 'bare engine', 32, options, progress),
    await ownCandidate('server', 'gRPC server', 32, options, progress),
  ];
}

/** Room for all that the sections do. */
export function fullRoom({ shape }: BenchmarkOptions): Room {
  return { conversations: slotsOf(shape), contextLength: shapes[shape].decoder.contextLength };
}

async function ownCandidate(
  kind: 'engine' | 'server',
  name: string,
  blockSize: 32 | 128,
  { shape, device, threads }: BenchmarkOptions,
  progress: BenchmarkProgress,
): Promise<Candidate> {
  const folder = await packageOf(shape, { kind: 'int4', blockSize }, (done, total) =>
    progress.makingModel(name, done, total),
  );
  const { vocabulary } = shapes[shape].decoder;
  return {
    name,
    files: folder,
    start({ conversations, contextLength }) {
      const spec: ContenderSpec = {
        kind,
        folder,
        device,
        threads,
        vocabulary,
        slots: conversations,
        contextLength,
        keyValueCacheBytes: conversations * contextLength * bytesPerPosition(shape),
      };
      return RunningContender.start(name, spec);
    },
  };
}

/** What the float32 keys and values of one position take. */
function bytesPerPosition(shape: BenchmarkOptions['shape']): number {
  const { hidden, heads, keyValueHeads, layers } = shapes[shape].decoder;
  return 2 * layers * keyValueHeads * (hidden / heads) * Float32Array.BYTES_PER_ELEMENT;
}
