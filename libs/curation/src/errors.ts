/** Curating cannot go on. The message says why and what to do; what was done so far is kept. */
export class CurationError extends Error {
  override readonly name = 'CurationError';
}
