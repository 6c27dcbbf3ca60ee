import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { hasCode } from '#libs/errors';

import type { CheckpointReader } from './checkpoint-reader.js';
import { CheckpointError } from './errors.js';
import { recogniseImpostor } from './impostors.js';
import { explainOpening } from './random-access-file.js';
import type { Tensor, TensorInfo } from './tensor.js';

const shardIndex = z.object({ weight_map: z.record(z.string(), z.string()) });

/** Which tensors of a checkpoint are wanted, by name. */
export type TensorFilter = (name: string) => boolean;

/** A checkpoint split over several files, as Hugging Face's `*.index.json` describes it. */
export class ShardedReader implements CheckpointReader {
  readonly metadata = new Map<string, never>();

  private constructor(
    readonly path: string,
    private readonly shards: ReadonlyMap<string, CheckpointReader>,
    private readonly shardOf: ReadonlyMap<string, string>,
    readonly tensors: ReadonlyMap<string, TensorInfo>,
  ) {}

  /**
   * @param wanted tensors to list; shards that hold none of them are not opened and need not be there.
   * @param openShard opens one file.
   */
  static async open(
    indexPath: string,
    wanted: TensorFilter,
    openShard: (path: string) => Promise<CheckpointReader>,
  ): Promise<ShardedReader> {
    const shardOf = new Map(Object.entries(await readWeightMap(indexPath)).filter(([name]) => wanted(name)));
    const shards = new Map<string, CheckpointReader>();
    try {
      for (const shard of new Set(shardOf.values())) {
        shards.set(shard, await openNamedShard(indexPath, shard, openShard));
      }
      const tensors = new Map<string, TensorInfo>();
      for (const [name, shard] of shardOf) {
        const info = shards.get(shard)?.tensors.get(name);
        if (!info) {
          throw new CheckpointError(
            'damaged',
            indexPath,
            `the tensor ${name} should be in ${shard}, but is not`,
          );
        }
        tensors.set(name, info);
      }
      return new ShardedReader(indexPath, shards, shardOf, tensors);
    } catch (error) {
      await Promise.all([...shards.values()].map((shard) => shard.close()));
      throw error;
    }
  }

  get notices(): readonly string[] {
    return [...this.shards.values()].flatMap((shard) => shard.notices);
  }

  get files(): readonly string[] {
    return [this.path, ...[...this.shards.values()].flatMap((shard) => shard.files)];
  }

  async read(name: string): Promise<Tensor> {
    const shard = this.shards.get(this.shardOf.get(name) ?? '');
    if (!shard)
      throw new CheckpointError(
        'tensor-missing',
        this.path,
        `there is no tensor "${name}" in this checkpoint`,
      );
    return shard.read(name);
  }

  async close(): Promise<void> {
    await Promise.all([...this.shards.values()].map((shard) => shard.close()));
  }
}

/** @throws CheckpointError when the list of shards is none */
export async function readWeightMap(indexPath: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(indexPath, 'utf8').catch((cause: unknown) => {
    throw explainOpening(indexPath, cause);
  });
  try {
    return shardIndex.parse(JSON.parse(text)).weight_map;
  } catch (cause) {
    const problem = recogniseImpostor(text) ?? 'this list of shards cannot be read; download it again';
    throw new CheckpointError('damaged', indexPath, problem, { cause });
  }
}

/** An index names files beside it; a name that points elsewhere is not followed. */
async function openNamedShard(
  indexPath: string,
  shard: string,
  openShard: (path: string) => Promise<CheckpointReader>,
): Promise<CheckpointReader> {
  if (basename(shard) !== shard) {
    throw new CheckpointError(
      'damaged',
      indexPath,
      `it names the shard "${shard}", which is outside its folder`,
    );
  }
  try {
    return await openShard(join(dirname(indexPath), shard));
  } catch (cause) {
    if (!hasCode(cause, 'file-missing')) throw cause;
    throw new CheckpointError(
      'file-missing',
      indexPath,
      `the shard ${shard} is missing; download it into the same folder`,
      {
        cause,
      },
    );
  }
}
