export { ReferenceFolderError, readExpectation, readReferenceImage } from './reference-folder.js';
export { familyNumbers, type ReferenceNumbers } from './reference-numbers.js';
