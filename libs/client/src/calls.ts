import type { ClientReadableStream, ClientUnaryCall, ServiceError } from '@grpc/grpc-js';

import { ModelServerError } from './model-server-error.js';

/**
 * Makes a unary call. Aborting the signal cancels it and rejects with the signal's reason.
 * @throws ModelServerError
 */
export function unaryCall<Response>(
  start: (callback: (error: ServiceError | null, response: Response) => void) => ClientUnaryCall,
  signal: AbortSignal | undefined,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const cancel = () => call.cancel();
    const call = start((error, response) => {
      signal?.removeEventListener('abort', cancel);
      if (!error) resolve(response);
      else reject(signal?.aborted ? signal.reason : ModelServerError.from(error));
    });
    signal?.addEventListener('abort', cancel, { once: true });
  });
}

/**
 * Makes a server-streaming call. Aborting the signal, or leaving the iteration, cancels it; an abort ends the
 * iteration with the signal's reason.
 * @throws ModelServerError
 */
export async function* streamingCall<Response>(
  start: () => ClientReadableStream<Response>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Response, void, undefined> {
  signal?.throwIfAborted();
  const call = start();
  const cancel = () => call.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  // A cancelled call reports its status after the iteration has let go of the stream.
  call.on('error', () => {});
  try {
    yield* call as AsyncIterable<Response>;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw isServiceError(error) ? ModelServerError.from(error) : error;
  } finally {
    signal?.removeEventListener('abort', cancel);
    call.cancel();
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'metadata' in error;
}
