import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  float32Tensor,
  SafetensorsReader,
  streamSafetensors,
  type Tensor,
  toFloat32,
  writeSafetensors,
} from './index.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safetensors-'));
  path = join(folder, 'weights.safetensors');
});
afterEach(() => rm(folder, { recursive: true }));

const ramp = (name: string, length: number) =>
  float32Tensor(
    name,
    [length],
    Float32Array.from({ length }, (_, index) => index),
  );
const bytes = (name: string, length: number): Tensor => ({
  name,
  type: 'U8',
  shape: [length],
  bytes: new Uint8Array(length).fill(7),
});

describe('writing safetensors', () => {
  it('gives back what was written, in whatever order it came', async () => {
    const tensors = [ramp('large', 64), ramp('odd', 3), bytes('packed', 128)];
    const backwards = async (write: (tensor: Tensor) => Promise<void>) => {
      for (const tensor of tensors.toReversed()) await write(tensor);
    };
    await streamSafetensors(path, tensors, backwards, { made: 'by hand' });

    const reader = await SafetensorsReader.open(path);
    expect(toFloat32(await reader.read('large'))).toEqual(toFloat32(tensors[0]!));
    expect(toFloat32(await reader.read('odd'))).toEqual(toFloat32(tensors[1]!));
    expect((await reader.read('packed')).bytes).toEqual(tensors[2]!.bytes);
    expect(reader.metadata.get('made')).toBe('by hand');
    await reader.close();
  });

  it('starts tensors of aligned size at multiples of 64 bytes and leaves no gaps', async () => {
    const tensors = [bytes('odd bytes', 5), ramp('odd floats', 3), ramp('first', 16), ramp('second', 1024)];
    await writeSafetensors(path, tensors);

    const reader = await SafetensorsReader.open(path);
    const placed = [...reader.tensors.values()].toSorted((a, b) => a.offset - b.offset);
    expect(placed.map(({ name }) => name)).toEqual(['first', 'second', 'odd floats', 'odd bytes']);
    expect(placed.slice(0, 3).map(({ offset }) => offset % 64)).toEqual([0, 0, 0]);
    expect(placed[3]!.offset).toBe(placed[2]!.offset + 12);
    await reader.close();
  });

  it('refuses a tensor of another shape than announced', async () => {
    const writing = streamSafetensors(path, [ramp('weight', 4)], (write) => write(ramp('weight', 5)));
    await expect(writing).rejects.toThrow('weight comes as F32 [5] but was announced as F32 [4]');
  });

  it('does not finish while a tensor is missing', async () => {
    const announced = [ramp('came', 4), ramp('late', 4)];
    const writing = streamSafetensors(path, announced, (write) => write(ramp('came', 4)));
    await expect(writing).rejects.toThrow(/lacks the tensors late/);
  });
});
