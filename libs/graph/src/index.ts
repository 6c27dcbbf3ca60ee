export { gradients } from './gradients/index.js';
export {
  type Attribute,
  type Attributes,
  type Constant,
  Graph,
  type GraphOutput,
  type Node,
  type Value,
} from './graph.js';
export * from './operators/index.js';
export { serialize } from './serialize.js';
export type { Dimension, Shape } from './shape.js';
export type { DataType, WeightCatalog, WeightLocation } from './weight-catalog.js';
