import { shapes } from '#libs/benchmark';
import { packageWeights, type StoredTensor, storedTensors } from '#libs/minigpt4';

import type { BenchmarkOptions, BenchmarkShape } from './arguments.js';
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
  const candidates: Candidate[] = [];
  for (const blockSize of blockSizesOf(shape)) {
    candidates.push(await ownCandidate('engine', ownName(blockSize), blockSize, options, progress));
  }
  if (!withoutPeers && (shape === 'tinyllama' || shape === '7b')) {
    candidates.push(await llamaCandidate(options, progress), await transformersCandidate(options, progress));
  }
  return candidates;
}

type BlockSize = 32 | 128;

const blockSizesOf = (shape: BenchmarkShape): readonly BlockSize[] => (shape === 'vit-g' ? [32] : [32, 128]);
const ownName = (blockSize: BlockSize) => `minigpt4-chat int4 block ${blockSize}`;

/** Bytes of weights that one decode step has to read, by contender: all of the decoder but its embedding table. */
export function weightBytesPerToken(shape: BenchmarkShape): ReadonlyMap<string, number> {
  const read = packageWeights(shapes[shape]).filter(
    ({ file, role }) => file === 'decoder.safetensors' && role !== 'embedding',
  );
  const bytesOf = ({ dataType, shape: dimensions }: StoredTensor) =>
    dimensions.reduce((product, length) => product * length, dataType === 'float32' ? 4 : 1);
  return new Map(
    blockSizesOf(shape).map((blockSize) => {
      const stored = read.flatMap((weight) => storedTensors(weight, { kind: 'int4', blockSize }));
      return [ownName(blockSize), stored.reduce((sum, tensor) => sum + bytesOf(tensor), 0)];
    }),
  );
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
  blockSize: BlockSize,
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
