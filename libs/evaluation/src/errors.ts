/** A folder of pictures and questions cannot be read; the message says which file and why. */
export class EvaluationDataError extends Error {
  override readonly name = 'EvaluationDataError';
}
