export type { DataType, WeightCatalog, WeightLocation } from './weight-catalog.js';
