import { byteLength, layOutSafetensors, readSafetensorsHeader, type TensorFilter } from '#libs/checkpoint';

import type { DownloadPlan, Range } from './piecewise-download.js';
import type { RemoteFile } from './remote-file.js';

/**
 * Plans the download of some tensors of a remote safetensors file into a local one that holds nothing else.
 * Of BLIP-2 with FlanT5-XXL that leaves 4 of 49 GB.
 */
export async function planTensorSubset(
  path: string,
  remotePath: string,
  remote: RemoteFile,
  wanted: TensorFilter,
): Promise<DownloadPlan> {
  const { tensors } = await readSafetensorsHeader({
    path: remotePath,
    size: remote.size,
    read: (offset, length) => remote.read(offset, length),
  });
  const chosen = [...tensors.values()]
    .filter(({ name }) => wanted(name))
    .toSorted((a, b) => a.offset - b.offset);
  const { header, places, fileSize } = layOutSafetensors(chosen);
  const ranges = chosen.map((tensor) => ({
    remoteOffset: tensor.offset,
    localOffset: places.get(tensor.name)!.offset,
    length: byteLength(tensor),
  }));
  return { path, size: fileSize, start: header, ranges: joinNeighbours(ranges) };
}

/** Ranges that follow each other on both sides become one, which saves requests. */
function joinNeighbours(ranges: readonly Range[]): Range[] {
  const joined: Range[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    const follows =
      last &&
      last.remoteOffset + last.length === range.remoteOffset &&
      last.localOffset + last.length === range.localOffset;
    if (follows) joined[joined.length - 1] = { ...last, length: last.length + range.length };
    else if (range.length > 0) joined.push(range);
  }
  return joined;
}
