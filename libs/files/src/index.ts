export { digestOfFile, sizeOfFile } from './digest.js';
export { decodeText, parseForeignJson } from './foreign-text.js';
