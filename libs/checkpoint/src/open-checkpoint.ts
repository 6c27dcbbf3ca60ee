import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { CheckpointReader } from './checkpoint-reader.js';
import { CheckpointError } from './errors.js';
import { recogniseImpostor, recogniseText, TELLING_BYTES } from './impostors.js';
import { explainOpening, RandomAccessFile } from './random-access-file.js';
import { SafetensorsReader } from './safetensors-reader.js';
import { readWeightMap, ShardedReader, type TensorFilter } from './sharded-reader.js';
import { TorchZipReader } from './torch-zip-reader.js';
import { unwrapNames } from './unwrapped-reader.js';

/** What a Hugging Face model folder may call its weights; the safer and faster format first. */
const folderNames = [
  'model.safetensors.index.json',
  'model.safetensors',
  'pytorch_model.bin.index.json',
  'pytorch_model.bin',
];

export interface OpenOptions {
  /** Tensors to list, where a checkpoint is sharded; all by default. */
  readonly wanted?: TensorFilter;
}

/**
 * Opens a checkpoint: a file (`.safetensors`, `.pth`, `.bin`), an index of shards, or a model folder.
 * Formats are told by content, not by name.
 *
 * @throws CheckpointError
 */
export async function openCheckpoint(path: string, options: OpenOptions = {}): Promise<CheckpointReader> {
  const found = await stat(path).catch((cause: unknown) => {
    throw explainOpening(path, cause);
  });
  const file = found.isDirectory() ? await findWeights(path) : path;
  if (file.endsWith('.index.json')) {
    return ShardedReader.open(file, options.wanted ?? (() => true), openFile);
  }
  return unwrapNames(await openFile(file));
}

/**
 * The names of a checkpoint's tensors: of a sharded one from its list, so that its shards need not be there.
 * @throws CheckpointError
 */
export async function listTensorNames(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw explainOpening(path, cause);
  });
  const file = found.isDirectory() ? await findWeights(path) : path;
  if (file.endsWith('.index.json')) return Object.keys(await readWeightMap(file));
  const reader = await openCheckpoint(file);
  await reader.close();
  return [...reader.tensors.keys()];
}

/** Whether a folder holds weights under one of the names that {@link openCheckpoint} looks for. */
export const isModelFolder = (files: readonly string[]) => folderNames.some((name) => files.includes(name));

async function findWeights(folder: string): Promise<string> {
  const files = await readdir(folder).catch((cause: unknown) => {
    throw explainOpening(folder, cause);
  });
  const found = folderNames.find((name) => files.includes(name));
  if (found !== undefined) return join(folder, found);
  const shard = files.find((file) => /-of-\d+\.(safetensors|bin)$/.test(file));
  throw new CheckpointError(
    'file-missing',
    folder,
    shard === undefined
      ? `this folder holds no weights: none of ${folderNames.join(', ')}`
      : `there are shards such as ${shard}, but not the list of them; download ${listOf(shard)} into this folder too`,
  );
}

const listOf = (shard: string) =>
  shard.endsWith('.bin') ? 'pytorch_model.bin.index.json' : 'model.safetensors.index.json';

async function openFile(path: string): Promise<CheckpointReader> {
  const start = await readStart(path);
  if (start.startsWith('PK')) return TorchZipReader.open(path);
  if (start.startsWith('\x80\x02\x8a\x0a')) {
    throw new CheckpointError(
      'unsupported',
      path,
      'this is the format of PyTorch before 1.6; load it in a newer PyTorch and save it again',
    );
  }
  const impostor = recogniseImpostor(start) ?? recogniseText(start);
  if (impostor) throw new CheckpointError('damaged', path, impostor);
  return SafetensorsReader.open(path);
}

async function readStart(path: string): Promise<string> {
  const file = await RandomAccessFile.open(path);
  try {
    return Buffer.from(await file.read(0, Math.min(TELLING_BYTES, file.size), 'the start')).toString(
      'latin1',
    );
  } finally {
    await file.close();
  }
}
