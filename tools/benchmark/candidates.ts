import { shapes } from '#libs/benchmark';
import { packageWeights, type StoredTensor, storedTensors } from '#libs/minigpt4';

import type { BenchmarkOptions, BenchmarkShape } from './arguments.js';
import type { Candidate, Room } from './candidate.js';
import type { ContenderSpec } from './contenders/contender.js';
import { RunningContender } from './contenders/running-contender.js';
import { keyValueBytes } from './key-value-bytes.js';
import { type PackageFormat, packageOf } from './packages.js';
import { PeerUnavailableError } from './peers/install-peers.js';
import { llamaCandidate, transformersCandidate } from './peers/peer-candidates.js';
import type { BenchmarkProgress } from './report/progress.js';
import { slotsOf } from './sections.js';

/** Makes the models that this project is measured with. */
export async function prepareOwnCandidates(
  options: BenchmarkOptions,
  progress: BenchmarkProgress,
): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const model of ownModels(options.shape)) {
    candidates.push(await ownCandidate('engine', model, options, progress));
  }
  return candidates;
}

/**
 * Installs the other projects and makes their models, where they can be had.
 * @param onMissing hears, in a sentence, why one is left out
 */
export async function preparePeers(
  options: BenchmarkOptions,
  progress: BenchmarkProgress,
  onMissing: (sentence: string) => void,
): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const prepare of [llamaCandidate, transformersCandidate]) {
    try {
      candidates.push(await prepare(options, progress));
    } catch (error) {
      if (!(error instanceof PeerUnavailableError)) throw error;
      onMissing(error.message);
    }
  }
  return candidates;
}

/** What this project's engine is measured with. */
interface OwnModel extends PackageFormat {
  readonly name: string;
}

/** Formats of the decoder, and where the encoder is large, of the encoder. */
function ownModels(shape: BenchmarkShape): readonly OwnModel[] {
  return shape === 'vit-g'
    ? [
        { name: 'minigpt4-chat float32 encoder', blockSize: 32, encoder: 'none' },
        { name: 'minigpt4-chat int8 encoder', blockSize: 32, encoder: 'int8' },
      ]
    : [
        { name: 'minigpt4-chat int4 block 32', blockSize: 32, encoder: 'none' },
        { name: 'minigpt4-chat int4 block 128', blockSize: 128, encoder: 'none' },
      ];
}

/** Bytes of weights that one decode step has to read, by contender: all of the decoder but its embedding table. */
export function weightBytesPerToken(shape: BenchmarkShape): ReadonlyMap<string, number> {
  const read = packageWeights(shapes[shape]).filter(
    ({ file, role }) => file === 'decoder.safetensors' && role !== 'embedding',
  );
  const bytesOf = ({ dataType, shape: dimensions }: StoredTensor) =>
    dimensions.reduce((product, length) => product * length, dataType === 'float32' ? 4 : 1);
  return new Map(
    ownModels(shape).map(({ name, blockSize }) => {
      const stored = read.flatMap((weight) => storedTensors(weight, { kind: 'int4', blockSize }));
      return [name, stored.reduce((sum, tensor) => sum + bytesOf(tensor), 0)];
    }),
  );
}

/** The engine and the server around it, with the same model. */
export async function prepareServerCandidates(
  options: BenchmarkOptions,
  progress: BenchmarkProgress,
): Promise<Candidate[]> {
  const served = { blockSize: 32, encoder: 'none' } as const;
  return [
    await ownCandidate('engine', { ...served, name: 'bare engine' }, options, progress),
    await ownCandidate('server', { ...served, name: 'gRPC server' }, options, progress),
  ];
}

/** Room for all that the sections do, and at 7B, where it takes gigabytes, for no more. */
export function fullRoom({ shape }: BenchmarkOptions): Room {
  const contextLength = shape === '7b' ? 1536 : shapes[shape].decoder.contextLength;
  return { conversations: slotsOf(shape), contextLength };
}

async function ownCandidate(
  kind: 'engine' | 'server',
  { name, ...format }: OwnModel,
  { shape, device, threads }: BenchmarkOptions,
  progress: BenchmarkProgress,
): Promise<Candidate> {
  const folder = await packageOf(shape, format, (done, total) => progress.makingModel(name, done, total));
  const { vocabulary } = shapes[shape].decoder;
  return {
    name,
    files: folder,
    keyValueBytes: (room) => keyValueBytes(shape, room, Float32Array),
    start({ conversations, contextLength }) {
      const spec: ContenderSpec = {
        kind,
        folder,
        device,
        threads,
        vocabulary,
        slots: conversations,
        contextLength,
        keyValueCacheBytes: keyValueBytes(shape, { conversations, contextLength }, Float32Array),
      };
      return RunningContender.start(name, spec);
    },
  };
}
