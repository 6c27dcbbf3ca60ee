import type { Response } from 'express';

import { type AppendSink, type ReplyEnding, ReplyGoneError } from '../chat/index.js';

/** What the page receives, one JSON object a line. */
export type AnswerEvent =
  | { readonly event: 'status'; readonly status: string }
  | { readonly event: 'text'; readonly text: string }
  | ({ readonly event: 'end' } & ReplyEnding);

/** A sink that streams an answer into an HTTP response. */
export function answerStream(response: Response): AppendSink {
  response.status(200).set({
    'content-type': 'application/x-ndjson; charset=utf-8',
    'cache-control': 'no-store',
    // Proxies such as nginx hold back what they think is a file.
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();

  const send = (event: AnswerEvent): Promise<void> =>
    new Promise((resolve, reject) => {
      response.write(`${JSON.stringify(event)}\n`, (error) =>
        error ? reject(new ReplyGoneError('The page was closed.', { cause: error })) : resolve(),
      );
    });

  return {
    kind: 'append',
    maxLength: Number.POSITIVE_INFINITY,
    interval: () => 0,
    thinking: (status) => send({ event: 'status', status }),
    append: (text) => send({ event: 'text', text }),
    async finish(ending) {
      await send({ event: 'end', ...ending });
      response.end();
    },
  };
}
