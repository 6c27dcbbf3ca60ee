import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { float32Tensor, SafetensorsReader, type Tensor, writeSafetensors } from '#libs/checkpoint';
import { encoderGraph } from '#libs/minigpt4';

import { tinySources } from '../../../test/support/tiny-reference.js';
import { changedFiles, convert, openModelPackage, verifyModelPackage } from './index.js';

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'package-'));
  folder = join(parent, 'tiny');
  await convert({ sources: tinySources, out: folder, quantization: { kind: 'int4', blockSize: 32 } });
});
afterEach(() => rm(parent, { recursive: true }));

async function changeManifest(change: (manifest: Record<string, unknown>) => void): Promise<void> {
  const path = join(folder, 'model.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  change(manifest);
  await writeFile(path, JSON.stringify(manifest));
}

describe('opening a model package', () => {
  it('finds every weight in its file', async () => {
    const { weights, manifest } = await openModelPackage(folder);
    expect(weights.get('vit.class_token')).toMatchObject({ file: 'vision.safetensors', shape: [1, 1, 64] });
    expect(weights.get('decoder.layers.0.mlp.down.weight.quantized')).toMatchObject({
      file: 'decoder.safetensors',
      dataType: 'uint8',
      shape: [64, 6, 16],
    });
    expect(manifest.quantization.decoder).toEqual({ kind: 'int4', blockSize: 32 });
  });

  it('points at the bytes of a weight', async () => {
    const { weights } = await openModelPackage(folder);
    const { file, offset, length } = weights.get('projection.layers.0.bias');
    const bytes = (await readFile(join(folder, file))).subarray(offset, offset + length);
    expect(length).toBe(64 * 4);
    expect(new Float32Array(Uint8Array.from(bytes).buffer).every(Number.isFinite)).toBe(true);
  });

  it('accepts a newly trained projection in the place of the old one', async () => {
    await writeSafetensors(join(folder, 'projection.safetensors'), [
      float32Tensor('projection.layers.0.weight', [48, 64], new Float32Array(48 * 64)),
      float32Tensor('projection.layers.0.bias', [64], new Float32Array(64)),
    ]);
    const modelPackage = await openModelPackage(folder);
    expect(await changedFiles(modelPackage)).toEqual(['projection.safetensors']);
  });

  it('takes int8 in blocks for what it is called now', async () => {
    const old = join(parent, 'old');
    await convert({ sources: tinySources, out: old, quantization: { kind: 'int8-weights', blockSize: 32 } });
    const path = join(old, 'model.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('int8-weights', 'int8'));
    const { manifest } = await openModelPackage(old);
    expect(manifest.quantization.decoder).toEqual({ kind: 'int8-weights', blockSize: 32 });
  });

  it('reads an encoder from before its rows were turned', async () => {
    const path = join(folder, 'vision.safetensors');
    const now = join(parent, 'now');
    await convert({
      sources: tinySources,
      out: now,
      quantization: { kind: 'none' },
      encoderQuantization: { kind: 'int8' },
    });
    const reader = await SafetensorsReader.open(join(now, 'vision.safetensors'));
    const tensors: Tensor[] = [];
    for (const name of reader.tensors.keys()) {
      tensors.push({ ...(await reader.read(name)), name: name.replace(/rotated$/, 'quantized') });
    }
    await reader.close();
    await writeSafetensors(path, tensors);
    await changeManifest((manifest) => {
      manifest.quantization = {
        decoder: { kind: 'int4', blockSize: 32 },
        encoder: { kind: 'dynamic-int8' },
      };
    });
    const { manifest, weights } = await openModelPackage(folder);
    const graph = Buffer.from(encoderGraph(manifest.architecture, weights));
    expect(graph.includes('DynamicQuantizeMatMul')).toBe(true);
    expect(graph.includes('MatMulIntegerToFloat')).toBe(false);
  });

  it('says that a folder is no package', async () => {
    await expect(openModelPackage(parent)).rejects.toThrow(/is not a model package: it has no model\.json/);
  });

  it('says what is wrong in model.json', async () => {
    await changeManifest((manifest) => {
      manifest.template = 'chatty';
    });
    await expect(openModelPackage(folder)).rejects.toThrow(/model\.json cannot be used: .+template/s);
  });

  it('names both shapes of a weight that does not fit', async () => {
    await changeManifest((manifest) => {
      (manifest.architecture as { projection: object }).projection = { widths: [48, 80], patchesPerToken: 1 };
    });
    await expect(openModelPackage(folder)).rejects.toThrow(
      /projection\.layers\.0\.weight is float32 \[48, 64\].+needs float32 \[48, 80\]/,
    );
  });

  it('names a weight that is missing', async () => {
    await changeManifest((manifest) => {
      (manifest.architecture as { decoder: { layers: number } }).decoder.layers = 4;
    });
    await expect(openModelPackage(folder)).rejects.toThrow(
      /decoder\.safetensors lacks the weight decoder\.layers\.3\./,
    );
  });

  it.each(['tokenizer.json', 'vision.safetensors'])('names the missing %s', async (file) => {
    await rm(join(folder, file));
    await expect(openModelPackage(folder)).rejects.toThrow(new RegExp(file.replace('.', '\\.')));
  });

  it('notices at once that a file was cut off', async () => {
    await truncate(join(folder, 'decoder.safetensors'), 100_000);
    await expect(openModelPackage(folder)).rejects.toThrow(
      /decoder\.safetensors: the tensor .+ the file ends at 100000/,
    );
  });
});

describe('verifying a model package', () => {
  it('passes what convert made', async () => {
    await expect(verifyModelPackage(await openModelPackage(folder))).resolves.toBeUndefined();
  });

  it('names a file of which one bit was changed', async () => {
    const path = join(folder, 'vision.safetensors');
    const bytes = await readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path, bytes);
    await expect(verifyModelPackage(await openModelPackage(folder))).rejects.toThrow(
      /vision\.safetensors differs from the SHA-256/,
    );
  });

  it('reads only what is small, and the projection, unless all is asked for', async () => {
    const change = async (file: string, size: number) => {
      const path = join(folder, file);
      const bytes = await readFile(path);
      bytes[bytes.length - 1]! ^= 1;
      await writeFile(path, bytes);
      await truncate(path, size);
    };
    const large = 33 * 2 ** 20;
    const modelPackage = await openModelPackage(folder);
    await change('decoder.safetensors', large);
    expect(await changedFiles(modelPackage, 'small')).toEqual([]);
    expect(await changedFiles(modelPackage, 'full')).toEqual(['decoder.safetensors']);
    await change('projection.safetensors', large);
    await change('tokenizer.json', 1_000);
    expect(new Set(await changedFiles(modelPackage, 'small'))).toEqual(
      new Set(['projection.safetensors', 'tokenizer.json']),
    );
    expect(await changedFiles(modelPackage, 'off')).toEqual([]);
  });
});
