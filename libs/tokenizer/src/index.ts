export { tokenizerJsonFromByteLevelBpe } from './byte-level-bpe.js';
export { tokenizerJsonFromSentencePiece } from './sentencepiece-conversion.js';
export { StreamingDecoder } from './streaming-decoder.js';
export { Tokenizer, type TokenizerSettings } from './tokenizer.js';
export type { TokenizerJson } from './tokenizer-json.js';
export { WordPieceTokenizer } from './word-piece.js';
