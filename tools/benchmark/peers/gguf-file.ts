import { open } from 'node:fs/promises';

/** Metadata of a GGUF file; numbers are written as the type says (ggml, docs/gguf.md). */
export type GgufValue =
  | { readonly type: 'uint32' | 'int32' | 'float32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly values: readonly string[] }
  | { readonly type: 'int32s' | 'float32s'; readonly values: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  /** The fastest-running dimension first. */
  readonly dimensions: readonly number[];
  readonly type: 'f32' | 'q4_0';
  /** Called once, when it is this tensor's turn to be written. */
  readonly bytes: () => Uint8Array;
}

const valueTypes = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;
const tensorTypes = { f32: 0, q4_0: 2 } as const;
const VERSION = 3;
const ALIGNMENT = 32;

/** 32 integers of 4 bits and a scale of 16. */
export const Q4_0_BLOCK = { values: 32, bytes: 18 } as const;

/** Writes a GGUF file tensor by tensor. */
export async function writeGguf(
  path: string,
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
  onProgress: (doneBytes: number, totalBytes: number) => void = () => {},
): Promise<void> {
  const placed: { tensor: GgufTensor; offset: number }[] = [];
  let end = 0;
  for (const tensor of tensors) {
    placed.push({ tensor, offset: end });
    end = aligned(end + byteLength(tensor));
  }
  const header = encodeHeader(metadata, placed);
  const handle = await open(path, 'w');
  try {
    await handle.writeFile(header);
    for (const { tensor, offset } of placed) {
      const bytes = tensor.bytes();
      if (bytes.length !== byteLength(tensor))
        throw new RangeError(`${tensor.name} has ${bytes.length} bytes.`);
      await handle.write(bytes, 0, bytes.length, header.length + offset);
      onProgress(offset + bytes.length, end);
    }
  } finally {
    await handle.close();
  }
}

export function byteLength({ dimensions, type }: Pick<GgufTensor, 'dimensions' | 'type'>): number {
  const elements = dimensions.reduce((product, length) => product * length, 1);
  return type === 'f32' ? elements * 4 : (elements / Q4_0_BLOCK.values) * Q4_0_BLOCK.bytes;
}

const aligned = (offset: number) => Math.ceil(offset / ALIGNMENT) * ALIGNMENT;

function encodeHeader(
  metadata: Readonly<Record<string, GgufValue>>,
  placed: readonly { tensor: GgufTensor; offset: number }[],
): Buffer {
  const entries = Object.entries(metadata);
  const header = Buffer.concat([
    Buffer.from('GGUF'),
    uint32(VERSION),
    uint64(placed.length),
    uint64(entries.length),
    ...entries.map(([key, value]) => Buffer.concat([string(key), encodeValue(value)])),
    ...placed.map(({ tensor: { name, dimensions, type }, offset }) =>
      Buffer.concat([
        string(name),
        uint32(dimensions.length),
        ...dimensions.map(uint64),
        uint32(tensorTypes[type]),
        uint64(offset),
      ]),
    ),
  ]);
  return Buffer.concat([header, Buffer.alloc(aligned(header.length) - header.length)]);
}

function encodeValue(entry: GgufValue): Buffer {
  switch (entry.type) {
    case 'strings':
      return array(valueTypes.string, entry.values.map(string));
    case 'int32s':
      return array(valueTypes.int32, entry.values.map(int32));
    case 'float32s':
      return array(valueTypes.float32, entry.values.map(float32));
    case 'uint32':
      return Buffer.concat([uint32(valueTypes.uint32), uint32(entry.value)]);
    case 'int32':
      return Buffer.concat([uint32(valueTypes.int32), int32(entry.value)]);
    case 'float32':
      return Buffer.concat([uint32(valueTypes.float32), float32(entry.value)]);
    case 'bool':
      return Buffer.concat([uint32(valueTypes.bool), Buffer.of(entry.value ? 1 : 0)]);
    case 'string':
      return Buffer.concat([uint32(valueTypes.string), string(entry.value)]);
  }
}

function array(elementType: number, elements: readonly Buffer[]): Buffer {
  return Buffer.concat([uint32(valueTypes.array), uint32(elementType), uint64(elements.length), ...elements]);
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

const uint32 = (value: number) => encoded(4, (buffer) => buffer.writeUInt32LE(value));
const int32 = (value: number) => encoded(4, (buffer) => buffer.writeInt32LE(value));
const float32 = (value: number) => encoded(4, (buffer) => buffer.writeFloatLE(value));
const uint64 = (value: number) => encoded(8, (buffer) => buffer.writeBigUInt64LE(BigInt(value)));

function encoded(length: number, write: (buffer: Buffer) => void): Buffer {
  const buffer = Buffer.alloc(length);
  write(buffer);
  return buffer;
}
