export * from './config.js';
export * from './weights/index.js';
