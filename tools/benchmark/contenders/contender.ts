import type { Device } from '#libs/engine';

import type { Exercise, Reading } from '../exercises.js';

/** Who is measured, and with what; travels to a process of its own. */
export type ContenderSpec =
  | ({ readonly kind: 'engine' } & OwnSpec)
  | ({ readonly kind: 'server' } & OwnSpec)
  | ({
      readonly kind: 'node-llama-cpp';
      readonly sequences: number;
      readonly contextLength: number;
    } & PeerSpec)
  | ({ readonly kind: 'transformers.js' } & PeerSpec);

interface OwnSpec {
  /** Of the model package. */
  readonly folder: string;
  readonly device: Device;
  readonly vocabulary: number;
  readonly threads: number;
  readonly slots: number;
  readonly contextLength: number;
  readonly keyValueCacheBytes: number;
}

interface PeerSpec {
  /** Of the installed package. */
  readonly folder: string;
  /** Its model, file or folder. */
  readonly model: string;
  readonly vocabulary: number;
  readonly threads: number;
}

/** A loaded contender. */
export interface Contender {
  perform(exercise: Exercise): Promise<readonly Reading[]>;
  close(): Promise<void>;
}

/** Asks a process for its resident memory, in bytes, instead of an exercise. */
export type ContenderRequest = Exercise | { readonly kind: 'resident-memory' };

/** What a process of a contender sends: once `ready`, then one answer per exercise. */
export type ContenderMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'readings'; readonly readings: readonly Reading[] }
  | { readonly kind: 'resident-memory'; readonly bytes: number }
  | { readonly kind: 'failed'; readonly message: string };
