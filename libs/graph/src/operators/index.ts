export * from './constants.js';
export * from './elementwise.js';
export * from './fused.js';
export * from './indexing.js';
export * from './layout.js';
export * from './linear-algebra.js';
export * from './normalization.js';
export * from './reductions.js';
