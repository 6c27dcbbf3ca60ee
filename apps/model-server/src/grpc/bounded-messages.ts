import type { ServerHttp2Stream } from 'node:http2';

import { ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';

import type { ByteBudget } from '../chat/byte-budget.js';
import { grpcStatus } from '../chat/grpc-status.js';

/** The first byte of a message (gRPC over HTTP/2, "Length-Prefixed-Message"). */
const compressedFlag = 1;

/**
 * Counts what calls send until they end, and refuses what is more than all requests in flight may hold, while it
 * arrives: grpc-js itself hands a message over only when it is whole. Compressed messages are refused unread.
 */
export function boundMessages(budget: ByteBudget): ServerInterceptor {
  return (_method, call) => {
    const stream = streamOf(call);
    let held = 0;
    const giveBack = () => {
      budget.give(held);
      held = 0;
    };
    const receive = (chunk: Buffer) => {
      if (held === 0 && chunk[0] === compressedFlag) {
        stream.off('data', receive);
        call.sendStatus({
          code: status.UNIMPLEMENTED,
          details: 'The message is compressed. Send it as it is: pictures are compressed already.',
        });
        return;
      }
      try {
        budget.take(chunk.length);
        held += chunk.length;
      } catch (error) {
        stream.off('data', receive);
        giveBack();
        const { code, message, metadata } = grpcStatus(error);
        call.sendStatus({ code, details: message, metadata });
      }
    };
    // Ahead of grpc-js's own listener, which drops what arrives after a status.
    stream.prependListener('data', receive);
    stream.once('close', giveBack);
    return new ServerInterceptingCall(call);
  };
}

/**
 * The stream below a call, which grpc-js 1.14 keeps to itself (`BaseServerInterceptingCall.stream`) and offers no
 * other way to; a test holds it to that.
 */
function streamOf(call: object): ServerHttp2Stream {
  const { stream } = call as { readonly stream?: ServerHttp2Stream };
  if (!stream) throw new Error('This version of @grpc/grpc-js keeps the stream of a call elsewhere.');
  return stream;
}
