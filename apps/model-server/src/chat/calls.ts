import { once } from 'node:events';

import type { ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { Observable } from 'rxjs';

/** Aborted when the client cancels the call, goes away, or its deadline passes. */
export function callerGone<Request, Response>(
  call: ServerUnaryCall<Request, Response> | ServerWritableStream<Request, Response>,
): AbortSignal {
  const controller = new AbortController();
  if (call.cancelled) controller.abort();
  else call.once('cancelled', () => controller.abort());
  return controller.signal;
}

/**
 * Streams messages at the client's pace: while its buffer is full the next message is not asked for. (Nest alone
 * would keep all that the client has not read yet.)
 */
export function streamed<Request, Message>(
  call: ServerWritableStream<Request, Message>,
  signal: AbortSignal,
  messages: AsyncIterable<Message>,
): Observable<Message> {
  return new Observable((subscriber) => {
    const send = async () => {
      for await (const message of messages) {
        subscriber.next(message);
        if (call.writableNeedDrain) await once(call, 'drain', { signal });
      }
      subscriber.complete();
    };
    send().catch((error) => subscriber.error(error));
  });
}
