/** Training cannot go on. The message says where it was and what is kept. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError';
}
