import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openCheckpoint, type Tensor, toFloat32 } from './index.js';
import { bytesPerElement } from './tensor.js';

const cases = 'test/fixtures/cases';

async function readAll(path: string) {
  const checkpoint = await openCheckpoint(path);
  try {
    const tensors = new Map<string, Tensor>();
    for (const name of checkpoint.tensors.keys()) tensors.set(name, await checkpoint.read(name));
    return { tensors, metadata: checkpoint.metadata, notices: checkpoint.notices };
  } finally {
    await checkpoint.close();
  }
}

describe('a PyTorch file with more than weights in it', () => {
  let plain: Awaited<ReturnType<typeof readAll>>;
  beforeAll(async () => {
    plain = await readAll(`${cases}/checkpoints/plain.pth`);
  });

  it.each(['numpy-scalar', 'numpy-rng', 'path', 'defaultdict', 'set', 'optimizer', 'protocol4'])(
    'gives the same weights: %s',
    async (name) => {
      const { tensors, notices } = await readAll(`${cases}/checkpoints/${name}.pth`);
      for (const [weight, tensor] of plain.tensors) expect(tensors.get(weight)).toEqual(tensor);
      expect(notices).toEqual([]);
    },
  );

  it('gives the weights that stand beside a scheduler with a counter', async () => {
    const { tensors } = await readAll(`${cases}/checkpoints/sch_multistep.pth`);
    expect(tensors.get('model.weight')?.shape).toEqual([2, 3]);
    expect(tensors.get('optimizer.state.1.exp_avg_sq')?.shape).toEqual([2]);
  });

  it.each([
    ['ddp', 'model.', '"module"'],
    ['compiled', 'model.', '"_orig_mod"'],
    ['state_dict', '', '"state_dict"'],
  ])('gives them under their own names, and says what was taken off: %s', async (name, prefix, level) => {
    const { tensors, notices } = await readAll(`${cases}/checkpoints/${name}.pth`);
    expect([...tensors.keys()]).toEqual([`${prefix}llama_proj.weight`, `${prefix}llama_proj.bias`]);
    expect(tensors.get(`${prefix}llama_proj.weight`)?.bytes).toEqual(
      plain.tensors.get('model.llama_proj.weight')?.bytes,
    );
    expect(notices).toEqual([expect.stringContaining(`without ${level}`)]);
  });

  it('carries out a negation that PyTorch put off', async () => {
    // Every second number of the archive's data/0: the imaginary part of a conjugate, which PyTorch shows negated.
    const stored = [-0.025047054514288902, -0.5418603420257568, 1.9491668939590454].map(Math.fround);
    const { tensors } = await readAll(`${cases}/checkpoints/neg-metadata.pth`);
    expect([...toFloat32(tensors.get('a')!)]).toEqual(stored.map((value) => -value));
  });
});

describe('a safetensors file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'safetensors-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each([
    ['holes', /4 bytes before the tensor b belong to none/],
    ['overlap', /the tensor b overlaps the one before it/],
    ['trailing_bytes', /5 bytes at its end belong to no tensor/],
  ])('is refused by name, as by the official reader: %s', async (name, problem) => {
    await expect(openCheckpoint(`${cases}/safetensors/${name}.safetensors`)).rejects.toThrow(problem);
  });

  it('may say that it has no metadata', async () => {
    const { tensors, metadata } = await readAll(`${cases}/safetensors/meta_null.safetensors`);
    expect([...tensors.keys()]).toEqual(['a']);
    expect(metadata.size).toBe(0);
  });

  it('is of any type that the official reader knows', () => {
    const types =
      'F64 F32 F16 BF16 F8_E5M2 F8_E4M3 F8_E5M2FNUZ F8_E4M3FNUZ F8_E8M0 F6_E2M3 F6_E3M2 F4 C64 I64 I32 I16 I8 U64 U32 U16 U8 BOOL';
    expect(Object.keys(bytesPerElement)).toEqual(types.split(' '));
  });

  it.each(Object.keys(bytesPerElement).filter((type) => type !== 'F32'))(
    'may hold %s values beside the weights that are wanted',
    async (type) => {
      const size = bytesPerElement[type as keyof typeof bytesPerElement] * 8;
      const header = JSON.stringify({
        extra: { dtype: type, shape: [8], data_offsets: [0, size] },
        weight: { dtype: 'F32', shape: [1], data_offsets: [size, size + 4] },
      });
      const path = join(folder, 'model.safetensors');
      const length = new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer);
      const values = [new Uint8Array(size), new Uint8Array(Float32Array.of(1.5).buffer)];
      await writeFile(path, Buffer.concat([length, Buffer.from(header), ...values]));
      const { tensors } = await readAll(path);
      expect([...toFloat32(tensors.get('weight')!)]).toEqual([1.5]);
      expect(tensors.get('extra')?.bytes).toHaveLength(size);
    },
  );
});
