/** Something the operator can put right. Its message says what and how, and is all that is printed. */
export class StartUpError extends Error {
  override readonly name = 'StartUpError';
}
