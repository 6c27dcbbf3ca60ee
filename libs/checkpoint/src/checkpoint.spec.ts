import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openCheckpoint, type Tensor, toFloat32 } from './index.js';

const tiny = 'test/fixtures/reference/tiny';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function readAll(path: string): Promise<Map<string, Tensor>> {
  const checkpoint = await openCheckpoint(path);
  try {
    const tensors = new Map<string, Tensor>();
    for (const name of checkpoint.tensors.keys()) tensors.set(name, await checkpoint.read(name));
    return tensors;
  } finally {
    await checkpoint.close();
  }
}

describe('reading published checkpoints', () => {
  it('lists what eva_vit_g.pth holds, in half precision', async () => {
    const vit = await openCheckpoint(`${tiny}/eva_vit.pth`);
    expect(vit.tensors.get('blocks.3.attn.qkv.weight')).toEqual({
      name: 'blocks.3.attn.qkv.weight',
      type: 'F16',
      shape: [192, 64],
    });
    expect(vit.tensors.size).toBe(4 + 4 * 13);
    await vit.close();
  });

  it('names nested tensors with dots and keeps what lies beside them', async () => {
    const projection = await openCheckpoint(`${tiny}/pretrained_minigpt4.pth`);
    expect([...projection.tensors.keys()]).toEqual(['model.llama_proj.weight', 'model.llama_proj.bias']);
    expect(projection.metadata.get('epoch')).toBe(3);
    expect(projection.metadata.get('config.run.task')).toBe('image_text_pretrain');
    expect(projection.metadata.get('optimizer.param_groups.0.lr')).toBe(1e-4);
    await projection.close();
  });

  it('reads the same language model from sharded safetensors and from sharded PyTorch files', async () => {
    const safetensors = await readAll(`${tiny}/llm/model.safetensors.index.json`);
    const pytorch = await readAll(`${tiny}/llm/pytorch_model.bin.index.json`);
    expect([...pytorch.keys()].toSorted()).toEqual([...safetensors.keys()].toSorted());
    for (const [name, tensor] of safetensors) expect(pytorch.get(name)).toEqual(tensor);
  });

  it('prefers safetensors in a folder that has both', async () => {
    const llm = await openCheckpoint(`${tiny}/llm`);
    expect(llm.files[0]).toMatch(/model\.safetensors\.index\.json$/);
    expect(llm.files).toHaveLength(3);
    await llm.close();
  });

  it('agrees with the reference on the values of integers and floats', async () => {
    const qFormer = await readAll(`${tiny}/blip2_qformer.pth`);
    const positions = qFormer.get('model.Qformer.bert.embeddings.position_ids');
    expect(positions?.type).toBe('I64');
    expect([...new BigInt64Array(positions!.bytes.buffer).subarray(0, 3)]).toEqual([0n, 1n, 2n]);
    expect([...toFloat32(qFormer.get('model.ln_vision.weight')!)].every(Number.isFinite)).toBe(true);
  });
});

describe('damaged and foreign files', () => {
  it('says that a path leads nowhere', async () => {
    await expect(openCheckpoint(join(folder, 'absent.pth'))).rejects.toThrow(
      /absent\.pth: there is no such file/,
    );
  });

  it('names the missing shard', async () => {
    await copyFile(`${tiny}/llm/model.safetensors.index.json`, join(folder, 'model.safetensors.index.json'));
    await copyFile(
      `${tiny}/llm/model-00001-of-00002.safetensors`,
      join(folder, 'model-00001-of-00002.safetensors'),
    );
    await expect(openCheckpoint(folder)).rejects.toThrow(
      /the shard model-00002-of-00002\.safetensors is missing/,
    );
  });

  it('names the list of shards that was forgotten', async () => {
    const shard = 'model-00001-of-00002.safetensors';
    await copyFile(`${tiny}/llm/${shard}`, join(folder, shard));
    await expect(openCheckpoint(folder)).rejects.toThrow(
      /shards such as model-00001-of-00002\.safetensors.+ download model\.safetensors\.index\.json/,
    );
  });

  it('says that a list of shards is only a Git LFS pointer', async () => {
    const path = join(folder, 'model.safetensors.index.json');
    await writeFile(path, 'version https://git-lfs.github.com/spec/v1\noid sha256:1\n');
    await expect(openCheckpoint(folder)).rejects.toThrow(/index\.json: this is only a Git LFS pointer/);
  });

  it('does not need the shards of unwanted tensors', async () => {
    await copyFile(`${tiny}/llm/model.safetensors.index.json`, join(folder, 'model.safetensors.index.json'));
    await copyFile(
      `${tiny}/llm/model-00001-of-00002.safetensors`,
      join(folder, 'model-00001-of-00002.safetensors'),
    );
    const embedding = 'model.embed_tokens.weight';
    const checkpoint = await openCheckpoint(folder, { wanted: (name) => name === embedding });
    expect([...checkpoint.tensors.keys()]).toEqual([embedding]);
    await checkpoint.close();
  });

  it('names the tensor at which a safetensors file was cut off', async () => {
    const path = join(folder, 'model.safetensors');
    await copyFile(`${tiny}/llm/model-00001-of-00002.safetensors`, path);
    await truncate(path, 500_000);
    await expect(openCheckpoint(path)).rejects.toThrow(
      /the tensor .+ should end at byte \d+, but the file ends at 500000/,
    );
  });

  it('says that a PyTorch file was cut off', async () => {
    const path = join(folder, 'eva_vit.pth');
    await copyFile(`${tiny}/eva_vit.pth`, path);
    await truncate(path, 300_000);
    await expect(openCheckpoint(path)).rejects.toThrow(/damaged or was cut off, download it again/);
  });

  it('names the tensor of a PyTorch file of which a bit was flipped', async () => {
    const path = join(folder, 'eva_vit.pth');
    const bytes = await readFile(`${tiny}/eva_vit.pth`);
    bytes[300_000]! ^= 1;
    await writeFile(path, bytes);
    await expect(readAll(path)).rejects.toThrow(
      /eva_vit\.pth: the tensor blocks\..+ is damaged: its checksum is wrong/,
    );
  });

  it('says that an empty file is none', async () => {
    const path = join(folder, 'empty.pth');
    await writeFile(path, '');
    await expect(openCheckpoint(path)).rejects.toThrow(/this file is empty; download it again/);
  });

  it.each([
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:1\n', /git lfs pull/],
    ['a web page', '<!doctype html><title>Google Drive</title>', /a web page, not the file itself/],
    ['a pickle of PyTorch before 1.6', '\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.', /before 1\.6/],
    ['a login page after a byte order mark', '\xEF\xBB\xBF\n<html>', /a web page, .+ asked for a login/],
    [
      'words of refusal',
      'Access to model meta-llama/Llama-2-7b-chat-hf is restricted.\nLog in.',
      /text, not weights; it begins with "Access to model .+ is restricted\."/,
    ],
    ['a file for llama.cpp', 'GGUF\x03\x00\x00\x00', /llama\.cpp .+ take the original/],
    ['other numbers', '\xff'.repeat(40), /not a safetensors file/],
  ])('recognises %s', async (_, content, message) => {
    const path = join(folder, 'weights.pth');
    await writeFile(path, content, 'latin1');
    await expect(openCheckpoint(path)).rejects.toThrow(message);
  });

  it('refuses a safetensors header that lies about sizes', async () => {
    const path = join(folder, 'liar.safetensors');
    const json = JSON.stringify({ weight: { dtype: 'F32', shape: [100], data_offsets: [0, 8] } });
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    await writeFile(path, Buffer.concat([length, Buffer.from(json), Buffer.alloc(8)]));
    await expect(openCheckpoint(path)).rejects.toThrow(/weight \[100\] of F32 needs 400 bytes.+gives it 8/);
  });

  it('does not follow an index out of its folder', async () => {
    const path = join(folder, 'model.safetensors.index.json');
    await writeFile(path, JSON.stringify({ weight_map: { weight: '../secret.safetensors' } }));
    await expect(openCheckpoint(path)).rejects.toThrow(/outside its folder/);
  });

  it('names the tensor that is not there', async () => {
    const checkpoint = await openCheckpoint(`${tiny}/expected.safetensors`);
    await expect(checkpoint.read('nobody')).rejects.toThrow(
      /expected\.safetensors: there is no tensor "nobody"/,
    );
    await checkpoint.close();
  });

  it('reads nothing but the header to list tensors', async () => {
    const path = join(folder, 'holes.safetensors');
    const json = JSON.stringify({ weight: { dtype: 'F16', shape: [2 ** 34], data_offsets: [0, 2 ** 35] } });
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    await writeFile(path, Buffer.concat([length, Buffer.from(json)]));
    await truncate(path, 8 + json.length + 2 ** 35);
    const checkpoint = await openCheckpoint(path);
    expect(checkpoint.tensors.get('weight')?.shape).toEqual([2 ** 34]);
    await checkpoint.close();
  });
});
