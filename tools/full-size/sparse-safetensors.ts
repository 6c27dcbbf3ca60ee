import { open } from 'node:fs/promises';

import { byteLength, layOutSafetensors, type TensorInfo } from '#libs/checkpoint';

import type { RandomBytes } from './random-bytes.js';

/** A tensor to write; one without values is a hole in the file: its size counts, but it takes no disk. */
export interface PublishedTensor extends TensorInfo {
  readonly values: 'random' | 'ones' | 'hole';
}

/** Writes a safetensors file of any size, one piece at a time. Returns how large it is. */
export async function writeSparseSafetensors(
  path: string,
  tensors: readonly PublishedTensor[],
  random: RandomBytes,
): Promise<number> {
  const { header, places, fileSize } = layOutSafetensors(tensors);
  const file = await open(path, 'w');
  try {
    await file.write(header, 0, header.length, 0);
    for (const tensor of tensors) {
      if (tensor.values === 'hole') continue;
      let offset = places.get(tensor.name)!.offset;
      for (const piece of random.pieces(tensor.type, tensor.values, byteLength(tensor))) {
        await file.write(piece, 0, piece.length, offset);
        offset += piece.length;
      }
    }
    await file.truncate(fileSize);
    await file.sync();
  } finally {
    await file.close();
  }
  return fileSize;
}
