export { ConcurrencyLimit } from './concurrency-limit.js';
export { inParallel } from './in-parallel.js';
