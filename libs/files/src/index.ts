export { digestOfFile, sizeOfFile } from './digest.js';
export { decodeText, parseForeignJson } from './foreign-text.js';
export { JsonLines } from './json-lines.js';
export { replaceFile } from './replace-file.js';
