import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { byteLength } from './gguf-file.js';
import { float16Bits, writeLlamaGguf } from './llama-gguf.js';

const config = {
  hidden: 64,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  intermediate: 96,
  vocabulary: 300,
  contextLength: 128,
  rmsNormEpsilon: 1e-5,
  ropeBase: 10_000,
};

/** Reads what GGUF's description says a file begins with (ggml, docs/gguf.md), independently of the writer. */
class GgufReader {
  private at = 0;

  constructor(private readonly file: Buffer) {}

  read() {
    const magic = this.file.toString('latin1', 0, 4);
    this.at = 4;
    const version = this.uint32();
    const tensorCount = this.uint64();
    const metadataCount = this.uint64();
    const metadata = new Map<string, unknown>();
    for (let index = 0; index < metadataCount; index++)
      metadata.set(this.string(), this.value(this.uint32()));
    const tensors = Array.from({ length: tensorCount }, () => ({
      name: this.string(),
      dimensions: Array.from({ length: this.uint32() }, () => this.uint64()),
      type: this.uint32(),
      offset: this.uint64(),
    }));
    return { magic, version, metadata, tensors, dataStart: Math.ceil(this.at / 32) * 32 };
  }

  private value(type: number): unknown {
    switch (type) {
      case 4:
        return this.uint32();
      case 5:
        return this.file.readInt32LE(this.advance(4));
      case 6:
        return this.file.readFloatLE(this.advance(4));
      case 7:
        return this.file[this.advance(1)] === 1;
      case 8:
        return this.string();
      case 9: {
        const elementType = this.uint32();
        return Array.from({ length: this.uint64() }, () => this.value(elementType));
      }
      default:
        throw new Error(`no value type ${type} is written here`);
    }
  }

  private string(): string {
    const length = this.uint64();
    return this.file.toString('utf8', this.advance(length), this.at);
  }

  private uint32 = () => this.file.readUInt32LE(this.advance(4));
  private uint64 = () => Number(this.file.readBigUInt64LE(this.advance(8)));

  /** @returns where it stood before */
  private advance(bytes: number): number {
    this.at += bytes;
    return this.at - bytes;
  }
}

describe('a GGUF of random weights', () => {
  let folder: string;
  let file: Buffer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gguf-'));
    await writeLlamaGguf(join(folder, 'model.gguf'), config);
    file = await readFile(join(folder, 'model.gguf'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('tells llama.cpp the architecture and a vocabulary of letters', () => {
    const { magic, version, metadata } = new GgufReader(file).read();
    expect([magic, version]).toEqual(['GGUF', 3]);
    expect(metadata.get('general.architecture')).toBe('llama');
    expect(metadata.get('llama.attention.head_count_kv')).toBe(2);
    expect(metadata.get('llama.attention.layer_norm_rms_epsilon')).toBeCloseTo(1e-5, 10);
    expect(metadata.get('tokenizer.ggml.tokens')).toHaveLength(300);
    expect((metadata.get('tokenizer.ggml.tokens') as string[]).slice(257, 261)).toEqual([
      '<0xFE>',
      '<0xFF>',
      '一',
      '丁',
    ]);
    expect((metadata.get('tokenizer.ggml.token_type') as number[]).filter((type) => type === 6)).toHaveLength(
      256,
    );
  });

  it('holds every tensor in its place, aligned, the inner dimension first', () => {
    const { tensors, dataStart } = new GgufReader(file).read();
    expect(tensors).toHaveLength(3 + 2 * 9);
    expect(tensors.find(({ name }) => name === 'blk.1.ffn_down.weight')).toMatchObject({
      dimensions: [96, 64],
      type: 2,
    });
    let end = 0;
    for (const { dimensions, type, offset } of tensors) {
      expect(offset % 32).toBe(0);
      expect(offset).toBeGreaterThanOrEqual(end);
      end = offset + byteLength({ dimensions, type: type === 2 ? 'q4_0' : 'f32' });
    }
    expect(file.length).toBe(dataStart + end);
  });

  it('gives special tokens and bytes weights of 0, so that no reply ends early', () => {
    const { tensors, dataStart } = new GgufReader(file).read();
    const { offset } = tensors.find(({ name }) => name === 'output.weight')!;
    const scales = Array.from({ length: 300 }, (_, row) =>
      file.readUInt16LE(dataStart + offset + row * 2 * 18),
    );
    expect(scales.findIndex((scale) => scale !== 0)).toBe(259);
  });

  it('writes scales as half-precision numbers', () => {
    expect([1, 0.5, 1.5, 0.0999755859375].map(float16Bits)).toEqual([0x3c00, 0x3800, 0x3e00, 0x2e66]);
  });
});
