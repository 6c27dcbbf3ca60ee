import { once } from 'node:events';
import type { Writable } from 'node:stream';

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
 * would keep all that the client has not read yet.) The wait ends with the signal that the message came with.
 */
export function streamed<Request, Message>(
  call: ServerWritableStream<Request, Message>,
  messages: AsyncIterable<{ readonly response: Message; readonly signal: AbortSignal }>,
): Observable<Message> {
  return new Observable((subscriber) => {
    const send = async () => {
      for await (const { response, signal } of messages) {
        subscriber.next(response);
        if (call.writableNeedDrain) await untilDrained(call, signal);
      }
      subscriber.complete();
    };
    send().catch((error) => subscriber.error(error));
  });
}

/** @throws the signal's reason */
export async function untilDrained(stream: Writable, signal: AbortSignal): Promise<void> {
  try {
    await once(stream, 'drain', { signal });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}
