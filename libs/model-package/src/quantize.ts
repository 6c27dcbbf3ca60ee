import { bitsOf, type MatrixFormat } from '#libs/minigpt4';

export type QuantizedFormat = Exclude<MatrixFormat, { readonly kind: 'none' }>;

/**
 * A matrix `[outputs, inputs]` in the layout of ONNX Runtime's MatMulNBits without zero points, filled row by
 * row: `integers` are uint8 `[outputs, blocks, blockSize * bits / 8]`, `scales` float32 `[outputs, blocks]`.
 * A stored integer `q` means `(q - 2^(bits-1)) * scale`; of two 4-bit integers in a byte the first is the low half.
 */
export class QuantizedMatrix {
  readonly integers: Uint8Array;
  readonly scales: Float32Array;
  private readonly blocks: number;
  private readonly bytesPerBlock: number;
  private readonly pack: BlockPacker;

  constructor(
    outputs: number,
    private readonly inputs: number,
    private readonly format: QuantizedFormat,
  ) {
    const bits = bitsOf(format.kind);
    this.blocks = Math.ceil(inputs / format.blockSize);
    this.bytesPerBlock = (format.blockSize * bits) / 8;
    this.integers = new Uint8Array(outputs * this.blocks * this.bytesPerBlock);
    this.scales = new Float32Array(outputs * this.blocks);
    this.pack = format.kind === 'int8' ? packInt8 : packInt4;
  }

  /** @param rows float32 `[rows, inputs]`, the matrix's rows from `firstRow` on. */
  setRows(firstRow: number, rows: Float32Array): void {
    const { blockSize } = this.format;
    const values = new Float32Array(blockSize);
    for (let row = 0; row * this.inputs < rows.length; row++) {
      for (let block = 0; block < this.blocks; block++) {
        const start = row * this.inputs + block * blockSize;
        const end = Math.min(start + blockSize, (row + 1) * this.inputs);
        values.fill(0).set(rows.subarray(start, end));
        const index = (firstRow + row) * this.blocks + block;
        const bytes = this.integers.subarray(index * this.bytesPerBlock, (index + 1) * this.bytesPerBlock);
        this.scales[index] = this.pack(values, bytes);
      }
    }
  }
}

/** Packs one block's values and returns its scale. */
type BlockPacker = (values: Float32Array, bytes: Uint8Array) => number;

const packInt8: BlockPacker = (values, bytes) => {
  const scale = extremeOf(values) / -128;
  const factor = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < values.length; i++) bytes[i] = quantized(values[i]! * factor, 128);
  return scale;
};

const packInt4: BlockPacker = (values, bytes) => {
  const scale = extremeOf(values) / -8;
  const factor = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < bytes.length; i++) {
    const low = quantized(values[2 * i]! * factor, 8);
    const high = quantized(values[2 * i + 1]! * factor, 8);
    bytes[i] = low | (high << 4);
  }
  return scale;
};

/** Rounds into `[-half, half - 1]` and shifts to an unsigned integer around the zero point `half`. */
function quantized(value: number, half: number): number {
  return Math.min(Math.round(value), half - 1) + half;
}

/**
 * The value farthest from zero, with its sign. It is mapped to the one integer that has no positive twin
 * (-8 of 4 bits), so that the whole range is used.
 */
function extremeOf(values: Float32Array): number {
  let extreme = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  return extreme;
}
