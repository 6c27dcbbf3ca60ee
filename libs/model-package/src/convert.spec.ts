import { readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  float32Tensor,
  layOutSafetensors,
  openCheckpoint,
  toFloat32,
  writeSafetensors,
} from '#libs/checkpoint';

import { writeBlip2Folder } from '../../../test/support/blip-2-folder.js';
import { tinyReference, tinySources } from '../../../test/support/tiny-reference.js';
import { type ConversionOptions, type ConversionProgress, convert, openModelPackage } from './index.js';

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convert-'));
  out = join(folder, 'package');
});
afterEach(() => rm(folder, { recursive: true }));

const convertTiny = (changes: Partial<ConversionOptions> = {}, sources = {}) =>
  convert({
    sources: { ...tinySources, ...sources },
    out,
    quantization: { kind: 'none' },
    ...changes,
  });

async function llmCopy(without: RegExp): Promise<string> {
  const copy = join(folder, 'llm');
  await cp(tinySources.llm, copy, { recursive: true, filter: (path) => !without.test(path) });
  return copy;
}

async function changeConfig(llm: string, changes: object): Promise<void> {
  const path = join(llm, 'config.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...changes }));
}

/** The reference's language model with tables of so many rows, which are holes: they take no disk. */
async function llmOfVocabulary(rows: number): Promise<string> {
  const llm = await llmCopy(/\.bin|safetensors/);
  const original = await openCheckpoint(tinySources.llm);
  const isTable = (name: string) => /embed_tokens|lm_head/.test(name);
  const tensors = [...original.tensors.values()].map((tensor) =>
    isTable(tensor.name) ? { ...tensor, shape: [rows, 64] } : tensor,
  );
  await original.close();
  const { header, fileSize } = layOutSafetensors(tensors);
  const path = join(llm, 'model.safetensors');
  await writeFile(path, header);
  await truncate(path, fileSize);
  return llm;
}

/** A projection of the given shape, as another model's would be. */
async function projectionOf(outputs: number, inputs: number): Promise<string> {
  const path = join(folder, 'projection.safetensors');
  await writeSafetensors(path, [
    float32Tensor('llama_proj.weight', [outputs, inputs], new Float32Array(outputs * inputs)),
    float32Tensor('llama_proj.bias', [outputs], new Float32Array(outputs)),
  ]);
  return path;
}

describe('a converted model', () => {
  it('has the architecture of its files, without the block that is never used', async () => {
    const { architecture, template } = await convertTiny();
    expect(architecture.vision).toMatchObject({ imageSize: 56, width: 64, depth: 3, heads: 4 });
    expect(architecture.qFormer).toMatchObject({ hidden: 48, layers: 4, queries: 8, crossAttentionEvery: 2 });
    expect(architecture.projection.widths).toEqual([48, 64]);
    expect(architecture.decoder).toMatchObject({ hidden: 64, layers: 3, vocabulary: 4096 });
    expect(template).toBe('vicuna-v0');
  });

  it('is the same from safetensors and from PyTorch shards', async () => {
    const fromSafetensors = await convertTiny();
    const llm = await llmCopy(/safetensors/);
    const fromPyTorch = await convertTiny({ out: join(folder, 'second') }, { llm });
    expect(fromPyTorch.digests).toEqual(fromSafetensors.digests);
    expect(fromPyTorch.sources).not.toEqual(fromSafetensors.sources);
  });

  it("is the same from Hugging Face's BLIP-2 files", async () => {
    const blip2 = join(folder, 'blip2');
    await writeBlip2Folder(blip2);
    const fromOriginals = await convertTiny();
    const fromBlip2 = await convertTiny({ out: join(folder, 'second') }, { vit: blip2, qFormer: blip2 });
    expect(fromBlip2.digests).toEqual(fromOriginals.digests);
  });

  it('without Q-Former joins patches and speaks Llama-2', async () => {
    const { qFormer: _, ...sources } = tinySources;
    const projection = await projectionOf(64, 4 * 64);
    const manifest = await convertTiny({ sources: { ...sources, projection } });
    expect(manifest.architecture.qFormer).toBeNull();
    expect(manifest.architecture.projection.patchesPerToken).toBe(4);
    expect(manifest.template).toBe('llama-2-chat');
  });

  it('leaves the norm after the ViT as it is made where there is no Q-Former, whatever BLIP-2 has learnt', async () => {
    const blip2 = join(folder, 'blip2');
    await writeBlip2Folder(blip2);
    const projection = await projectionOf(64, 4 * 64);
    await convertTiny({ sources: { vit: blip2, projection, llm: tinySources.llm } });
    const vision = await openCheckpoint(join(out, 'vision.safetensors'));
    const norm = async (name: string) => [...toFloat32(await vision.read(`ln_vision.${name}`))];
    expect(await norm('weight')).toEqual(new Array(64).fill(1));
    expect(await norm('bias')).toEqual(new Array(64).fill(0));
    await vision.close();
  });

  it('holds nothing of the training state that makes published projections three times their size', async () => {
    const path = join(folder, 'projection.safetensors');
    const tensorOf = (name: string) => float32Tensor(name, [64, 48], new Float32Array(64 * 48));
    await writeSafetensors(path, [
      tensorOf('model.llama_proj.weight'),
      float32Tensor('model.llama_proj.bias', [64], new Float32Array(64)),
      tensorOf('optimizer.state.0.exp_avg'),
      tensorOf('optimizer.state.0.exp_avg_sq'),
    ]);
    await convertTiny({}, { projection: path });
    const [published, made] = await Promise.all([stat(path), stat(join(out, 'projection.safetensors'))]);
    expect(made.size).toBeLessThan(published.size / 2);
  });

  it('can look at larger pictures', async () => {
    const { architecture } = await convertTiny({ imageSize: 84 });
    expect(architecture.vision.imageSize).toBe(84);
    const { weights } = await openModelPackage(out);
    expect(weights.get('vit.position_embedding').shape).toEqual([1, 37, 64]);
    await expect(convertTiny({ imageSize: 60, out: join(folder, 'odd') })).rejects.toThrow(
      /a multiple of 14/,
    );
  });

  it('names its sources without their folders', async () => {
    const { sources } = await convertTiny();
    expect(sources.map(({ file }) => file)).toEqual([
      'eva_vit.pth',
      'blip2_qformer.pth',
      'pretrained_minigpt4.pth',
      'model.safetensors.index.json',
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'config.json',
      'tokenizer.model',
    ]);
  });

  it("takes the tokenizer's begin and end of sequence, and says that config.json is wrong", async () => {
    const llm = await llmCopy(/\.bin/);
    await changeConfig(llm, { bos_token_id: 0, eos_token_id: 1 });
    const notices: string[] = [];
    const { tokens } = await convertTiny({ onNotice: (notice) => notices.push(notice) }, { llm });
    expect(tokens).toEqual({ beginOfSequence: 1, endOfSequence: 2 });
    expect(notices.join()).toMatch(/config\.json gives 0 and 1 .+ the tokenizer has 1 and 2/);
  });

  it('reports its progress in bytes up to the end', async () => {
    const reports: ConversionProgress[] = [];
    await convertTiny({ onProgress: (progress) => reports.push(progress) });
    for (const stage of ['converting', 'checking'] as const) {
      const last = reports.findLast((report) => report.stage === stage);
      expect(last?.doneBytes).toBe(last?.totalBytes);
    }
  });
});

describe('mistakes', () => {
  it.each([
    [
      'the 13B projection with a 7B model',
      () => projectionOf(80, 48),
      /\[80, 48\].+\[4096, 64\].+7B and 13B/,
    ],
    ['the projection of another Q-Former', () => projectionOf(64, 40), /\[64, 40\].+48/],
  ])('%s is named with both shapes', async (_, makeProjection, message) => {
    await expect(convertTiny({}, { projection: await makeProjection() })).rejects.toThrow(message);
  });

  it.each([
    ['vit', tinySources.qFormer, /--vit takes a ViT .+ this is a Q-Former .+ give it as --qformer/],
    ['qFormer', tinySources.vit, /--qformer takes a Q-Former .+ this is a ViT .+ give it as --vit/],
    ['projection', tinySources.qFormer, /--projection takes a MiniGPT-4 projection .+ this is a Q-Former/],
  ])('another file given as %s is recognised', async (role, path, message) => {
    await expect(convertTiny({}, { [role]: path })).rejects.toThrow(message);
  });

  it.each([
    [
      { _name_or_path: 'lmsys/vicuna-7b-v1.3' },
      /not Vicuna v0: its config\.json calls it "lmsys\/vicuna-7b-v1\.3"/,
    ],
    [
      { max_position_embeddings: 4096, rms_norm_eps: 1e-5 },
      /not Vicuna v0: .+ Llama 2, on which Vicuna v1\.5 is built/,
    ],
  ])('a later Vicuna (%j) is refused with the reason, unless asked for', async (changes, message) => {
    const llm = await llmCopy(/\.bin/);
    await changeConfig(llm, changes);
    await expect(convertTiny({}, { llm })).rejects.toThrow(message);
    await expect(convertTiny({ anyLanguageModel: true }, { llm })).resolves.toBeDefined();
  });

  it('a missing tokenizer is named', async () => {
    const llm = await llmCopy(/tokenizer\.model/);
    await expect(convertTiny({}, { llm })).rejects.toThrow(/tokenizer\.model is missing\. Download it/);
  });

  it('a missing shard is named', async () => {
    const llm = await llmCopy(/00002-of-00002|\.bin/);
    await expect(convertTiny({}, { llm })).rejects.toThrow(/model-00002-of-00002\.safetensors is missing/);
  });

  it('half a download is recognised, with the tensor where it ends', async () => {
    const llm = await llmCopy(/\.bin/);
    await truncate(join(llm, 'model-00002-of-00002.safetensors'), 100_000);
    await expect(convertTiny({}, { llm })).rejects.toThrow(
      /model-00002-of-00002\.safetensors: the tensor .+ the download was cut off, fetch it again/,
    );
  });

  it('a package that the disk has no room for is not begun', async () => {
    const llm = await llmOfVocabulary(2 ** 34);
    await expect(convertTiny({}, { llm })).rejects.toThrow(
      /The package takes 879\d\.\d GB, but [\d.]+ GB are free at .+ Make room/,
    );
    expect(await readdir(folder)).toEqual(['llm']);
  });

  it('a file instead of the language model folder is explained', async () => {
    await expect(convertTiny({}, { llm: tinySources.vit })).rejects.toThrow(/--llm takes the folder/);
  });

  it('a folder that holds files is not overwritten', async () => {
    await mkdir(out);
    await writeFile(join(out, 'holiday.txt'), 'keep me');
    await expect(convertTiny()).rejects.toThrow(/already holds files/);
    expect(await readdir(out)).toEqual(['holiday.txt']);
  });
});

describe('a conversion that fails', () => {
  it('leaves nothing behind', async () => {
    const fillDisk = ({ doneBytes, totalBytes }: ConversionProgress) => {
      if (doneBytes > totalBytes / 2) throw Object.assign(new Error('write'), { code: 'ENOSPC' });
    };
    await expect(convertTiny({ onProgress: fillDisk })).rejects.toThrow(
      /The disk became full while .+package was written; what was there of it is removed/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const interruption = new AbortController();
    const interrupt = () => interruption.abort(new Error('Interrupted.'));
    const attempt = convertTiny({ signal: interruption.signal, onProgress: interrupt });
    await expect(attempt).rejects.toThrow('Interrupted.');
    expect(await readdir(folder)).toEqual([]);
  });

  it('says that a file is in the way of the folder', async () => {
    await writeFile(out, 'a file');
    await expect(convertTiny()).rejects.toThrow(/package cannot be made a folder: a file is in its way/);
  });

  it('shows no folder before it is complete, and clears away what a killed attempt left', async () => {
    await mkdir(`${out}.partial`);
    await writeFile(join(`${out}.partial`, 'decoder.safetensors'), 'half');
    const seen = new Set<string>();
    await convertTiny({ onProgress: () => seen.add(JSON.stringify(readdirSync(folder))) });
    expect([...seen]).toEqual(['["package.partial"]']);
    expect(await readdir(folder)).toEqual(['package']);
  });
});

describe('published files in any order', () => {
  const { vit, qFormer, projection, llm } = tinySources;

  it.each([
    ['each by its path', () => [llm, projection, qFormer, vit]],
    ['as the folder that holds them all', () => [tinyReference]],
  ])('%s give the package that they give by name', async (_, from) => {
    const named = await convertTiny();
    const found = await convertTiny({ sources: { from: from() }, out: join(folder, 'second') });
    expect(found).toEqual({ ...named, name: 'second' });
    expect(found.family).toBe('minigpt-4');
  });

  it.each([
    [
      'a part that is missing',
      [vit, qFormer, projection],
      /This is MiniGPT-4, but the language model, .+ is missing/,
    ],
    ['files of no family', [llm], /of no family that is known here \(.*MiniGPT-4/],
    ['a folder without weights', [join(tinyReference, '..', '..', 'tokenizer')], /There are no weights in/],
    ['a path that is not there', [join(llm, 'nothing')], /nothing does not exist/],
  ])('name %s', async (_, from, message) => {
    await expect(convertTiny({ sources: { from } })).rejects.toThrow(message);
  });

  it('name a part that is there twice', async () => {
    const from = [tinyReference, await llmCopy(/\.bin/)];
    await expect(convertTiny({ sources: { from } })).rejects.toThrow(/both hold the language model/);
  });

  it('take a BLIP-2 folder whose language model was never downloaded', async () => {
    const blip2 = join(folder, 'blip2');
    await writeBlip2Folder(blip2);
    const named = await convertTiny();
    const found = await convertTiny({
      sources: { from: [blip2, projection, llm] },
      out: join(folder, 'second'),
    });
    expect(found.digests).toEqual(named.digests);
  });
});
