/** What the operating system says of a failure, such as "ENOSPC" of a full disk. */
export const systemErrorCode = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
