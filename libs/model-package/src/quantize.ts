import { type BlockFormat, bitsOf } from '#libs/minigpt4';

/**
 * A matrix `[outputs, inputs]` in the layout of ONNX Runtime's MatMulNBits without zero points, filled row by
 * row: `integers` are uint8 `[outputs, blocks, blockSize * bits / 8]`, `scales` float32 `[outputs, blocks]`.
 * A stored integer `q` means `(q - 2^(bits-1)) * scale`; of two 4-bit integers in a byte the first is the low half.
 */
export class QuantizedMatrix {
  readonly integers: Uint8Array;
  readonly scales: Float32Array;
  private readonly blocks: number;
  /** A block that reaches past the end of its row, filled up with zeros. */
  private readonly padded: Float32Array;
  private readonly pack: BlockPacker;

  constructor(
    outputs: number,
    private readonly inputs: number,
    private readonly format: BlockFormat,
  ) {
    const { kind, blockSize } = format;
    this.blocks = Math.ceil(inputs / blockSize);
    this.integers = new Uint8Array((outputs * this.blocks * blockSize * bitsOf(kind)) / 8);
    this.scales = new Float32Array(outputs * this.blocks);
    this.padded = new Float32Array(blockSize);
    this.pack = kind === 'int4' ? packInt4 : packInt8;
  }

  /** @param rows float32 `[rows, inputs]`, the matrix's rows from `firstRow` on. */
  setRows(firstRow: number, rows: Float32Array): void {
    const { inputs, blocks } = this;
    const { blockSize } = this.format;
    for (let row = 0; row * inputs < rows.length; row++) {
      const rowEnd = (row + 1) * inputs;
      for (let block = 0; block < blocks; block++) {
        const start = row * inputs + block * blockSize;
        const index = (firstRow + row) * blocks + block;
        if (start + blockSize <= rowEnd) {
          this.packBlock(index, rows, start);
        } else {
          this.padded.fill(0).set(rows.subarray(start, rowEnd));
          this.packBlock(index, this.padded, 0);
        }
      }
    }
  }

  private packBlock(index: number, values: Float32Array, start: number): void {
    const { blockSize, kind } = this.format;
    const half = 2 ** (bitsOf(kind) - 1);
    const scale = extremeOf(values, start, blockSize) / -half;
    this.scales[index] = scale;
    this.pack(this.integers, index * blockSize, values, start, blockSize, scale === 0 ? 0 : 1 / scale);
  }
}

/** `quantizedRowsMatMul` of libs/graph takes no -128. */
const LARGEST = 127;

/** A matrix `[inputs, outputs]` of int8 with a scale for each output, filled output by output. */
export class ColumnQuantizedMatrix {
  readonly integers: Int8Array;
  readonly scales: Float32Array;

  constructor(
    private readonly outputs: number,
    private readonly inputs: number,
  ) {
    this.integers = new Int8Array(outputs * inputs);
    this.scales = new Float32Array(outputs);
  }

  /** @param rows float32 `[rows, inputs]`, the weights of the outputs from `firstOutput` on. */
  setRows(firstOutput: number, rows: Float32Array): void {
    const { inputs, outputs } = this;
    for (let start = 0, output = firstOutput; start < rows.length; start += inputs, output++) {
      const scale = Math.abs(extremeOf(rows, start, inputs)) / LARGEST;
      this.scales[output] = scale;
      if (scale === 0) continue;
      for (let input = 0; input < inputs; input++) {
        this.integers[input * outputs + output] = Math.round(rows[start + input]! / scale);
      }
    }
  }
}

/**
 * Packs `count` values from `start` on, times `factor`, as the integers from number `first` on. Adding half a step
 * more than the zero point and cutting off the fraction rounds to the nearest integer.
 */
type BlockPacker = (
  integers: Uint8Array,
  first: number,
  values: Float32Array,
  start: number,
  count: number,
  factor: number,
) => void;

const packInt8: BlockPacker = (integers, first, values, start, count, factor) => {
  for (let i = 0; i < count; i++) {
    integers[first + i] = Math.min((values[start + i]! * factor + 128.5) | 0, 255);
  }
};

const packInt4: BlockPacker = (integers, first, values, start, count, factor) => {
  for (let i = 0; i < count; i += 2) {
    const low = Math.min((values[start + i]! * factor + 8.5) | 0, 15);
    const high = Math.min((values[start + i + 1]! * factor + 8.5) | 0, 15);
    integers[(first + i) >> 1] = low | (high << 4);
  }
};

/**
 * The value farthest from zero, with its sign. It is mapped to the one integer that has no positive twin
 * (-8 of 4 bits), so that the whole range is used.
 */
function extremeOf(values: Float32Array, start: number, count: number): number {
  let lowest = 0;
  let highest = 0;
  for (let i = start; i < start + count; i++) {
    const value = values[i]!;
    if (value < lowest) lowest = value;
    else if (value > highest) highest = value;
  }
  return -lowest > highest ? lowest : highest;
}
