/**
 * The base of every error that this project raises on purpose: a code for programs, a sentence that says what was wrong
 * and what to do for people, and the cause for whoever looks deeper.
 */
export class CodedError<Code extends string = string> extends Error {
  constructor(
    /** Names the kind of failure; it stays the same when the sentence is put into better words. */
    readonly code: Code,
    sentence: string,
    options?: ErrorOptions,
  ) {
    super(sentence, options);
    this.name = new.target.name;
  }
}

export function hasCode<Code extends string>(
  error: unknown,
  ...codes: readonly Code[]
): error is CodedError<Code> {
  return error instanceof CodedError && codes.includes(error.code as Code);
}
