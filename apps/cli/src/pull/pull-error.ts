/** A model cannot be fetched; the message says why and what to do. */
export class PullError extends Error {
  override readonly name = 'PullError';
}
