import { CodedError } from '#libs/errors';
/** The requests in flight take as many bytes as they may: another one has to wait. */
export class RequestBytesError extends CodedError {
  readonly retryAfterSeconds = 2;

  constructor() {
    super(
      'requests-too-large',
      'The requests at work take as much memory as they may. Try again in 2 seconds.',
    );
  }
}

/** What the requests in flight, of both faces together, hold in bytes of what was received. */
export class ByteBudget {
  private taken = 0;

  constructor(readonly limit: number) {}

  /** @throws RequestBytesError when there is no room for so many more */
  take(bytes: number): void {
    if (this.taken + bytes > this.limit) throw new RequestBytesError();
    this.taken += bytes;
  }

  give(bytes: number): void {
    this.taken -= bytes;
  }
}
