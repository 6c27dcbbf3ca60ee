import { randomFillSync } from 'node:crypto';
import { rename } from 'node:fs/promises';

import type { LlamaConfig } from '#libs/minigpt4';
import { FIRST_LETTER, letterVocabulary } from '#libs/model-package';

import { byteLength, type GgufTensor, type GgufValue, Q4_0_BLOCK, writeGguf } from './gguf-file.js';

/** Writes a LLaMA of random weights in Q4_0 with the letters' vocabulary, as llama.cpp reads it. */
export async function writeLlamaGguf(
  path: string,
  config: LlamaConfig,
  onProgress?: (doneBytes: number, totalBytes: number) => void,
): Promise<void> {
  const partial = `${path}.partial`;
  await writeGguf(partial, metadataOf(config), tensorsOf(config), onProgress);
  await rename(partial, path);
}

/** The keys that llama.cpp wants of the architecture "llama" and of a SentencePiece vocabulary (llama.cpp, gguf-py/gguf/constants.py). */
function metadataOf(config: LlamaConfig): Record<string, GgufValue> {
  const uint32 = (value: number): GgufValue => ({ type: 'uint32', value });
  const pieces = letterVocabulary(config.vocabulary);
  return {
    'general.architecture': { type: 'string', value: 'llama' },
    'general.name': { type: 'string', value: 'random weights' },
    'llama.context_length': uint32(config.contextLength),
    'llama.embedding_length': uint32(config.hidden),
    'llama.block_count': uint32(config.layers),
    'llama.feed_forward_length': uint32(config.intermediate),
    'llama.attention.head_count': uint32(config.heads),
    'llama.attention.head_count_kv': uint32(config.keyValueHeads),
    'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: config.rmsNormEpsilon },
    'llama.rope.dimension_count': uint32(config.hidden / config.heads),
    'llama.rope.freq_base': { type: 'float32', value: config.ropeBase },
    'tokenizer.ggml.model': { type: 'string', value: 'llama' },
    'tokenizer.ggml.tokens': { type: 'strings', values: pieces },
    'tokenizer.ggml.scores': { type: 'float32s', values: pieces.map(() => 0) },
    'tokenizer.ggml.token_type': { type: 'int32s', values: pieces.map((_, id) => tokenType(id)) },
    'tokenizer.ggml.unknown_token_id': uint32(0),
    'tokenizer.ggml.bos_token_id': uint32(1),
    'tokenizer.ggml.eos_token_id': uint32(2),
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: true },
    'tokenizer.ggml.add_space_prefix': { type: 'bool', value: false },
  };
}

const tokenTypes = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;

function tokenType(id: number): number {
  if (id === 0) return tokenTypes.unknown;
  if (id < 3) return tokenTypes.control;
  return id < FIRST_LETTER ? tokenTypes.byte : tokenTypes.normal;
}

function tensorsOf(config: LlamaConfig): GgufTensor[] {
  const { hidden, layers, heads, keyValueHeads, intermediate, vocabulary } = config;
  const keyValueWidth = (hidden / heads) * keyValueHeads;
  const blocks = Array.from({ length: layers }, (_, layer) => [
    norm(`blk.${layer}.attn_norm.weight`, hidden),
    matrix(`blk.${layer}.attn_q.weight`, hidden, hidden),
    matrix(`blk.${layer}.attn_k.weight`, hidden, keyValueWidth),
    matrix(`blk.${layer}.attn_v.weight`, hidden, keyValueWidth),
    matrix(`blk.${layer}.attn_output.weight`, hidden, hidden),
    norm(`blk.${layer}.ffn_norm.weight`, hidden),
    matrix(`blk.${layer}.ffn_gate.weight`, hidden, intermediate),
    matrix(`blk.${layer}.ffn_up.weight`, hidden, intermediate),
    matrix(`blk.${layer}.ffn_down.weight`, intermediate, hidden),
  ]);
  return [
    matrix('token_embd.weight', hidden, vocabulary, { deviation: 1 }),
    ...blocks.flat(),
    norm('output_norm.weight', hidden),
    matrix('output.weight', hidden, vocabulary, { zeroRows: FIRST_LETTER }),
  ];
}

function norm(name: string, width: number): GgufTensor {
  const bytes = () => new Uint8Array(new Float32Array(width).fill(1).buffer);
  return { name, dimensions: [width], type: 'f32', bytes };
}

/** Standard deviation of the integers from -7 to 7 and one 0 more. */
const INTEGER_DEVIATION = 4.18;

/** @param zeroRows the first outputs, which always are 0: tokens that never are the likeliest */
function matrix(
  name: string,
  inputs: number,
  outputs: number,
  { deviation = 1 / Math.sqrt(inputs), zeroRows = 0 } = {},
): GgufTensor {
  const tensor = { name, dimensions: [inputs, outputs], type: 'q4_0' } as const;
  const bytes = () => {
    const blocks = randomFillSync(new Uint8Array(byteLength(tensor)));
    const view = new DataView(blocks.buffer);
    const scale = float16Bits(deviation / INTEGER_DEVIATION);
    const zeroBlocks = (zeroRows * inputs) / Q4_0_BLOCK.values;
    for (let block = 0; block * Q4_0_BLOCK.bytes < blocks.length; block++) {
      const start = block * Q4_0_BLOCK.bytes;
      view.setUint16(start, block < zeroBlocks ? 0 : scale, true);
      for (let index = start + 2; index < start + Q4_0_BLOCK.bytes; index++) {
        blocks[index] = unbiased[blocks[index]!]!;
      }
    }
    return blocks;
  };
  return { ...tensor, bytes };
}

/** By two integers of 4 bits, the same with -8, which is stored as 0, made the 0 in the middle: no matrix has a bias. */
const unbiased = Uint8Array.from({ length: 256 }, (_, pair) => (pair & 15 || 8) | ((pair >> 4 || 8) << 4));

/** IEEE 754 binary16 of a positive number in its normal range, cut off. */
export function float16Bits(value: number): number {
  const exponent = Math.floor(Math.log2(value));
  const fraction = Math.floor((value / 2 ** exponent - 1) * 1024);
  return ((exponent + 15) << 10) | fraction;
}
