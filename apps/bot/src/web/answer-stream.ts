import { once } from 'node:events';
import type { Response } from 'express';

import { type AppendSink, ReplyGoneError } from '../contract/index.js';
import type { AnswerEvent } from './protocol.js';

/** A sink that streams an answer into an HTTP response, at the page's pace, until the page is closed. */
export function openAnswerStream(response: Response, closed: AbortSignal): AppendSink {
  response.status(200).set({
    'content-type': 'application/x-ndjson; charset=utf-8',
    'cache-control': 'no-store',
    // Proxies such as nginx hold back what they think is a file.
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();

  // Not by the callback of `write`, which Node drops when the page hangs up between the write and the close.
  const send = async (event: AnswerEvent): Promise<void> => {
    try {
      closed.throwIfAborted();
      if (!response.write(`${JSON.stringify(event)}\n`)) await once(response, 'drain', { signal: closed });
    } catch (cause) {
      throw new ReplyGoneError('The page was closed.', { cause });
    }
  };

  return {
    kind: 'append',
    maxLength: Number.POSITIVE_INFINITY,
    interval: () => 0,
    showStatus: (status) => send({ event: 'status', status }),
    append: (text) => send({ event: 'text', text }),
    async finish(ending) {
      await send({ event: 'end', ...ending });
      response.end();
    },
  };
}

/** Aborted when the page is closed, or stops reading, before the response is complete. */
export function abortWhenClosed(response: Response): AbortSignal {
  const closed = new AbortController();
  const close = () => {
    if (!response.writableFinished) closed.abort();
  };
  if (response.closed) close();
  else response.once('close', close);
  return closed.signal;
}
