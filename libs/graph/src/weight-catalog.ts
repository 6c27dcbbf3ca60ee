/** Element types of tensors in graphs and packages. */
export type DataType = 'float32' | 'float64' | 'float16' | 'int64' | 'int32' | 'int8' | 'uint8' | 'bool';

/**
 * Where a weight's bytes lie. Graphs refer to it as ONNX external data, so that the runtime maps the file
 * and no weight is copied into the graph.
 */
export interface WeightLocation {
  /** File name, relative to the model package's folder. */
  readonly file: string;
  /** First byte, counted from the start of the file. */
  readonly offset: number;
  /** Number of bytes. */
  readonly length: number;
  readonly dataType: DataType;
  readonly shape: readonly number[];
}

/** The weights a graph may use, by the names of libs/minigpt4. */
export interface WeightCatalog {
  has(name: string): boolean;
  /** @throws when the package holds no weight of that name. */
  get(name: string): WeightLocation;
}
