import type { Response } from 'express';

/** Aborted when the page is closed, or stops reading, before the response is complete. */
export function untilClosed(response: Response): AbortSignal {
  const closed = new AbortController();
  const close = () => {
    if (!response.writableFinished) closed.abort();
  };
  if (response.closed) close();
  else response.once('close', close);
  return closed.signal;
}
