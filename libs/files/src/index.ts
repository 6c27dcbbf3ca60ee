export { digestOfFile, sizeOfFile } from './digest.js';
export { decodeText, ForeignTextError, parseForeignJson } from './foreign-text.js';
