import { cacheHeadWidth, type DecoderConfig } from '#libs/minigpt4';
import { Tensor } from '#libs/onnx-runtime';

import type { KeyValueType } from '../engine-options.js';
import type { NamedTensors } from './run-into.js';

type Elements = Float32Array | Uint16Array;

/** The keys or the values of one layer: `[rows, keyValueHeads, capacity, cacheHeadWidth]`. */
interface LayerPart {
  readonly name: string;
  readonly elements: Elements;
}

/** What one position takes in the caches of all layers. */
export function bytesPerPosition(config: DecoderConfig, type: KeyValueType): number {
  const { layers, keyValueHeads } = config;
  const bytesPerElement = type === 'float32' ? 4 : 2;
  return 2 * layers * keyValueHeads * cacheHeadWidth(config) * bytesPerElement;
}

/** The keys and values of all slots, allocated once. A position is written by the decoder and never moves in its row. */
export class KeyValueCache {
  private readonly parts: readonly LayerPart[];
  private readonly keyValueHeads: number;
  private readonly headWidth: number;
  private readonly scratch: Elements;

  constructor(
    config: DecoderConfig,
    readonly rows: number,
    /** Positions in a row. */
    readonly capacity: number,
    private readonly type: KeyValueType,
  ) {
    this.keyValueHeads = config.keyValueHeads;
    this.headWidth = cacheHeadWidth(config);
    const allocate = (length: number) =>
      type === 'float32' ? new Float32Array(length) : new Uint16Array(length);
    this.scratch = allocate(capacity * this.headWidth);
    this.parts = Array.from({ length: config.layers }, (_, layer) =>
      ['key', 'value'].map((part) => ({
        name: `${layer}.${part}`,
        elements: allocate(rows * this.rowLength),
      })),
    ).flat();
  }

  get bytes(): number {
    return this.parts.reduce((sum, { elements }) => sum + elements.byteLength, 0);
  }

  /** A range of rows as the decoder's past, and the very same memory as its present. */
  tensors(firstRow: number, rows: number): { readonly past: NamedTensors; readonly present: NamedTensors } {
    const start = firstRow * this.rowLength;
    const end = start + rows * this.rowLength;
    const shape = [rows, this.keyValueHeads, this.capacity, this.headWidth];
    const past: Record<string, Tensor> = {};
    const present: Record<string, Tensor> = {};
    for (const { name, elements } of this.parts) {
      const tensor = new Tensor(this.type, elements.subarray(start, end), shape);
      past[`past_key_values.${name}`] = tensor;
      present[`present.${name}`] = tensor;
    }
    return { past, present };
  }

  /**
   * Writes keys and values that were computed elsewhere, `[rows, keyValueHeads, count, cacheHeadWidth]` by the names
   * of their parts (`0.key`), into the rows from `firstRow` on, each from its own position.
   */
  write(firstRow: number, positions: readonly number[], parts: ReadonlyMap<string, Tensor>): void {
    for (const { name, elements } of this.parts) {
      const { data, dims } = parts.get(name)!;
      const length = dims[2]! * this.headWidth;
      positions.forEach((position, row) => {
        for (let head = 0; head < this.keyValueHeads; head++) {
          const source = (row * this.keyValueHeads + head) * length;
          const target = this.headStart(firstRow + row, head) + position * this.headWidth;
          elements.set((data as Elements).subarray(source, source + length), target);
        }
      });
    }
  }

  /** Copies the first `positions` of a row into another. */
  copyRow(from: number, to: number, positions: number): void {
    this.forEachHead((elements, head) => {
      const source = this.headStart(from, head);
      elements.copyWithin(this.headStart(to, head), source, source + positions * this.headWidth);
    });
  }

  /** Exchanges the first `positionsOfA` of row `a` and the first `positionsOfB` of row `b`. */
  swapRows(a: number, b: number, positionsOfA: number, positionsOfB: number): void {
    const lengthA = positionsOfA * this.headWidth;
    const lengthB = positionsOfB * this.headWidth;
    this.forEachHead((elements, head) => {
      const startA = this.headStart(a, head);
      const startB = this.headStart(b, head);
      this.scratch.set(elements.subarray(startA, startA + lengthA));
      elements.copyWithin(startA, startB, startB + lengthB);
      elements.set(this.scratch.subarray(0, lengthA), startB);
    });
  }

  private forEachHead(visit: (elements: Elements, head: number) => void): void {
    for (const { elements } of this.parts) {
      for (let head = 0; head < this.keyValueHeads; head++) visit(elements, head);
    }
  }

  private get rowLength(): number {
    return this.keyValueHeads * this.capacity * this.headWidth;
  }

  private headStart(row: number, head: number): number {
    return row * this.rowLength + head * this.capacity * this.headWidth;
  }
}
