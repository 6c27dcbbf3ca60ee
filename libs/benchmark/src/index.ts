export { greedyTextModel } from './greedy-text-model.js';
export { decodeRate, prefillRate, timeToFirstToken, totalDecodeRate } from './measure-text.js';
export { randomPhotograph, randomPicture } from './random-picture.js';
export { RandomPrompts } from './random-prompt.js';
export { type ShapeName, shapeNames, shapes } from './shapes.js';
export type { TextModel } from './text-model.js';
