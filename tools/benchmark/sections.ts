import type { BenchmarkShape, Section } from './arguments.js';
import type { Exercise } from './exercises.js';

/** What a section of the benchmark does, in order. */
export function exercisesOf(section: Section, shape: BenchmarkShape): readonly Exercise[] {
  // Its decoder is that of "nano": only the encoder is of interest.
  if (shape === 'vit-g' && section !== 'encode') return [];
  switch (section) {
    case 'decode':
      return [100, 500, 1500].map((context) => ({ kind: 'decode', context, newTokens: 33 }));
    case 'prefill':
      return [128, 512].map((tokens) => ({ kind: 'prefill', tokens }));
    case 'streams':
      return [1, 2, 4, 8]
        .filter((streams) => streams <= slotsOf(shape))
        .map((streams) => ({ kind: 'streams', streams, newTokens: 33 }));
    case 'followup':
      return [{ kind: 'conversation', first: 512, reply: 32, next: 32 }];
    case 'encode':
      return [{ kind: 'encode-image' }];
    case 'server':
      return [
        { kind: 'decode', context: 100, newTokens: 65 },
        { kind: 'streams', streams: slotsOf(shape), newTokens: 33 },
        { kind: 'full-load', requests: 2 * slotsOf(shape), promptTokens: 128, newTokens: 32 },
        { kind: 'photographs', count: 10 },
      ];
    case 'memory':
      return [];
  }
}

/** Fewer where one takes long. */
export const roundsOf = (section: Section, shape: BenchmarkShape): number =>
  shape === '7b' ? Math.min(rounds[section], 3) : rounds[section];

const rounds: Readonly<Record<Section, number>> = {
  decode: 5,
  prefill: 5,
  streams: 3,
  followup: 3,
  encode: 5,
  server: 5,
  memory: 1,
};

/** Replies at once. At 7B the keys and values of eight, and those of a peer, do not fit into 24 GB together. */
export const slotsOf = (shape: BenchmarkShape): number => (shape === '7b' ? 4 : 8);
