import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openCheckpoint } from './open-checkpoint.js';
import { float32Tensor } from './tensor.js';
import { writeTorchCheckpoint } from './torch-zip-writer.js';
import { toFloat32 } from './widen.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'torch-writer-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a PyTorch file that is written', () => {
  const tensors = [
    float32Tensor('llama_proj.weight', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)),
    float32Tensor('llama_proj.bias', [2], Float32Array.of(-1, 0.5)),
    float32Tensor('a.number', [], Float32Array.of(7)),
  ];

  it('is read back with the names, shapes and numbers it was given, under "model"', async () => {
    const path = join(folder, 'projection.pth');
    await writeTorchCheckpoint(path, tensors);
    const reader = await openCheckpoint(path);
    expect([...reader.tensors.keys()]).toEqual(tensors.map(({ name }) => `model.${name}`));
    for (const tensor of tensors) {
      const read = await reader.read(`model.${tensor.name}`);
      expect(read.shape).toEqual(tensor.shape);
      expect(toFloat32(read)).toEqual(toFloat32(tensor));
    }
    await reader.close();
  });

  it('is the same file for the same weights', async () => {
    const [one, other] = [join(folder, 'same.pth'), join(folder, 'other/same.pth')];
    await writeTorchCheckpoint(one, tensors);
    const first = await readFile(one);
    await writeTorchCheckpoint(one, tensors);
    expect(await readFile(one)).toEqual(first);
    await expect(writeTorchCheckpoint(other, tensors)).rejects.toThrow('ENOENT');
  });

  it('holds float32 only', async () => {
    const half = { name: 'half', type: 'F16', shape: [1], bytes: new Uint8Array(2) } as const;
    await expect(writeTorchCheckpoint(join(folder, 'half.pth'), [half])).rejects.toThrow('float32');
  });
});
