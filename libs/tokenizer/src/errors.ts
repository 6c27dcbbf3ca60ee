/** A tokenizer file that is broken, or of a kind whose token ids could not be reproduced exactly. */
export class TokenizerFileError extends Error {
  override readonly name = 'TokenizerFileError';
}
