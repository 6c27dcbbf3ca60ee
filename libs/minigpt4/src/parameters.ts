import {
  add,
  cast,
  dynamicQuantizedMatMul,
  type Graph,
  matMul,
  type QuantizedRows,
  quantizedMatMul,
  quantizedRowsMatMul,
  quantizeRows,
  type Value,
  type WeightCatalog,
} from '#libs/graph';

import { rotateRows } from './rotation.js';
import {
  bitsOf,
  type MatrixFormat,
  type PackageWeight,
  quantizedName,
  rotatedName,
  scalesName,
} from './weights/index.js';

/** In which element type a network computes. */
export type Precision = 'float32' | 'float16';

/** The weights of a network in a graph, by their names in `packageWeights`. */
export class Parameters {
  private readonly trainable = new Map<string, Value>();
  /** What several matrices multiply is turned and rounded once. */
  private readonly quantizedRows = new Map<Value, QuantizedRows>();

  /**
   * `format` is that of the matrices which are stored as integers in blocks; others say by their names what they are.
   * In `precision` is computed, whatever the file holds.
   */
  constructor(
    readonly graph: Graph,
    private readonly catalog: WeightCatalog,
    private readonly format: MatrixFormat = { kind: 'none' },
    private readonly precision: Precision = 'float32',
  ) {}

  /** Lets a float32 weight come in at each run, as an input of its name, instead of from a file. */
  makeTrainable({ name, shape }: Pick<PackageWeight, 'name' | 'shape'>): Value {
    const input = this.graph.input(name, 'float32', shape);
    this.trainable.set(name, input);
    return input;
  }

  get(name: string): Value {
    const weight = this.trainable.get(name) ?? this.graph.weight(name, this.catalog.get(name));
    return weight.dataType === 'float32' ? cast(weight, this.precision) : weight;
  }

  /** `x [..., in]` times the layer's matrix, plus its bias where it has one: `[..., out]`. */
  linear(x: Value, layer: string): Value {
    const product = this.product(x, `${layer}.weight`);
    const bias = `${layer}.bias`;
    return this.trainable.has(bias) || this.catalog.has(bias) ? add(product, this.get(bias)) : product;
  }

  private product(x: Value, matrix: string): Value {
    const scales = scalesName(matrix);
    if ('blockSize' in this.format) {
      return quantizedMatMul(x, {
        integers: this.get(quantizedName(matrix)),
        scales: this.get(scales),
        inputs: Number(x.shape.at(-1)),
        bits: bitsOf(this.format.kind),
        blockSize: this.format.blockSize,
      });
    }
    if (this.catalog.has(rotatedName(matrix))) {
      return quantizedRowsMatMul(this.rowsOf(x), this.get(rotatedName(matrix)), this.get(scales));
    }
    if (this.catalog.has(quantizedName(matrix))) {
      return dynamicQuantizedMatMul(x, this.get(quantizedName(matrix)), this.get(scales));
    }
    return matMul(x, this.get(matrix));
  }

  private rowsOf(x: Value): QuantizedRows {
    const rows = this.quantizedRows.get(x) ?? quantizeRows(rotateRows(x));
    this.quantizedRows.set(x, rows);
    return rows;
  }
}
