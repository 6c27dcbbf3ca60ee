export type { ReferenceNumbers } from './reference-folder.js';
export { readExpectation, readReferenceImage } from './reference-folder.js';
export { familyNumbers } from './reference-numbers.js';
