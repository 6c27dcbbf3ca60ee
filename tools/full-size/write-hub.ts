import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

import { byteLength, float32Tensor, writeTorchCheckpoint } from '#libs/checkpoint';
import {
  originalLayout,
  packageWeights,
  requireLlama,
  type SourceTensor,
  sourceTensors,
} from '#libs/minigpt4';

import { fullSize } from './architecture.js';
import { RandomBytes } from './random-bytes.js';
import { type PublishedTensor, writeSparseSafetensors } from './sparse-safetensors.js';

/** What transformers put into one shard when Vicuna was published. */
const SHARD_BYTES = 10e9;

const tokenizerOfReference = 'test/fixtures/reference/tiny/llm/tokenizer.model';
const PIECES_OF_REFERENCE = 4096;

/**
 * Writes the repositories of minigpt4-vicuna-7b as the hub holds them, with random weights: 18 GB.
 * Returns how many bytes that is.
 */
export async function writeHub(root: string, log: (sentence: string) => void): Promise<number> {
  const random = new RandomBytes();
  const tensors = publishedTensors();
  const vision = join(root, 'Salesforce/blip2-flan-t5-xxl');
  const llm = join(root, 'Vision-CAIR/vicuna-7b');
  const projection = join(root, 'spaces/Vision-CAIR/minigpt4');
  for (const folder of [vision, llm, projection]) await mkdir(folder, { recursive: true });

  let bytes = await writeShards(vision, blip2Shards(tensors), random, log);
  bytes += await writeShards(llm, shardsOf(tensors.filter(isOf('llm')).map(inHalves)), random, log);
  await writeProjection(
    join(projection, 'prerained_minigpt4_7b.pth'),
    tensors.filter(isOf('projection')),
    random,
  );
  await writeFile(join(llm, 'config.json'), JSON.stringify(vicunaConfig(), null, 2));
  await writeFile(join(llm, 'tokenizer.model'), await tokenizerOfFullSize());
  return bytes;
}

function publishedTensors(): SourceTensor[] {
  const layout = { ...originalLayout, vision: 'hugging-face' } as const;
  return packageWeights(fullSize, layout).flatMap(sourceTensors);
}

const isOf =
  (...roles: readonly SourceTensor['checkpoint'][]) =>
  ({ checkpoint }: SourceTensor) =>
    roles.includes(checkpoint);

/** Norms begin with ones (and are the only vectors here that do not end in "bias"). */
function valuesOf({ name, shape }: SourceTensor): PublishedTensor['values'] {
  return shape.length === 1 && !name.endsWith('.bias') ? 'ones' : 'random';
}

const inSingles = (tensor: SourceTensor): PublishedTensor => ({
  ...tensor,
  type: 'F32',
  values: valuesOf(tensor),
});

const inHalves = (tensor: SourceTensor): PublishedTensor => ({ ...inSingles(tensor), type: 'F16' });

/** BLIP-2 in float32. Of its FlanT5, which MiniGPT-4 leaves out, there is the table and one matrix, as holes. */
function blip2Shards(tensors: readonly SourceTensor[]): PublishedTensor[][] {
  const hole = (name: string, shape: readonly number[]): PublishedTensor => ({
    name: `language_model.${name}`,
    type: 'F32',
    shape,
    values: 'hole',
  });
  return [
    [...tensors.filter(isOf('vit', 'qFormer')).map(inSingles), hole('shared.weight', [32_128, 4096])],
    [hole('encoder.block.0.layer.1.DenseReluDense.wo.weight', [4096, 10_240])],
  ];
}

function shardsOf(tensors: readonly PublishedTensor[]): PublishedTensor[][] {
  const shards: PublishedTensor[][] = [[]];
  let size = 0;
  for (const tensor of tensors) {
    size += byteLength(tensor);
    if (size > SHARD_BYTES) {
      shards.push([]);
      size = byteLength(tensor);
    }
    shards.at(-1)!.push(tensor);
  }
  return shards;
}

async function writeShards(
  folder: string,
  shards: readonly (readonly PublishedTensor[])[],
  random: RandomBytes,
  log: (sentence: string) => void,
): Promise<number> {
  const numberOf = (shard: number) => String(shard).padStart(5, '0');
  const weightMap: Record<string, string> = {};
  let bytes = 0;
  for (const [index, tensors] of shards.entries()) {
    const file = `model-${numberOf(index + 1)}-of-${numberOf(shards.length)}.safetensors`;
    const size = await writeSparseSafetensors(join(folder, file), tensors, random);
    for (const { name } of tensors) weightMap[name] = file;
    bytes += size;
    log(`${join(folder, file)}: ${(size / 1e9).toFixed(2)} GB, ${tensors.length} tensors`);
  }
  const index = { metadata: { total_size: bytes }, weight_map: weightMap };
  await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
  return bytes;
}

async function writeProjection(
  path: string,
  tensors: readonly SourceTensor[],
  random: RandomBytes,
): Promise<void> {
  const drawn = tensors.map(({ name, shape }) => {
    const bytes = Buffer.concat([...random.pieces('F32', 'random', byteLength({ type: 'F32', shape }))]);
    return float32Tensor(name, shape, new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4));
  });
  await writeTorchCheckpoint(path, drawn);
}

/** As on the hub, wrong begin and end of sequence included. */
function vicunaConfig(): Record<string, unknown> {
  const decoder = requireLlama(fullSize.decoder);
  return {
    architectures: ['LlamaForCausalLM'],
    bos_token_id: 0,
    eos_token_id: 1,
    pad_token_id: -1,
    hidden_act: 'silu',
    hidden_size: decoder.hidden,
    intermediate_size: decoder.intermediate,
    max_position_embeddings: decoder.contextLength,
    model_type: 'llama',
    num_attention_heads: decoder.heads,
    num_hidden_layers: decoder.layers,
    rms_norm_eps: decoder.rmsNormEpsilon,
    tie_word_embeddings: false,
    torch_dtype: 'float16',
    vocab_size: decoder.vocabulary,
  };
}

/** The reference's vocabulary and Chinese characters up to LLaMA's 32,000 pieces: messages one after the other are one. */
async function tokenizerOfFullSize(): Promise<Uint8Array> {
  const writer = new BinaryWriter();
  for (let id = PIECES_OF_REFERENCE; id < fullSize.decoder.vocabulary - 1; id++) {
    writer.tag(1, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(characterOf(id - PIECES_OF_REFERENCE));
    writer.tag(2, WireType.Bit32).float(-id);
    writer.join();
  }
  return Buffer.concat([await readFile(tokenizerOfReference), writer.finish()]);
}

/** Unified ideographs, and Hangul syllables after them (Unicode 15, blocks U+4E00 and U+AC00). */
function characterOf(index: number): string {
  const ideographs = 0x9fff + 1 - 0x4e00;
  return String.fromCodePoint(index < ideographs ? 0x4e00 + index : 0xac00 + index - ideographs);
}
