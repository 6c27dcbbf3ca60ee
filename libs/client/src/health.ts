import { setTimeout as sleep } from 'node:timers/promises';

import { type CallOptions, type Client, Metadata } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';

import { unaryCall } from './calls.js';

const secondsBetweenChecks = 0.2;

/**
 * Waits until the server can be reached and its standard health service answers SERVING.
 * @throws ModelServerError when the deadline in `options` passes first
 */
export async function waitUntilServing(
  client: Client,
  options: CallOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { path, requestSerialize, responseDeserialize } = healthService.Check!;
  const untilReachable = new Metadata({ waitForReady: true });
  for (;;) {
    const { status } = await unaryCall<{ status: string }>(
      (callback) =>
        client.makeUnaryRequest(
          path,
          requestSerialize,
          (bytes) => responseDeserialize(bytes) as { status: string },
          { service: '' },
          untilReachable,
          options,
          (error, response) => callback(error, response as { status: string }),
        ),
      signal,
    );
    if (status === 'SERVING') return;
    await sleep(secondsBetweenChecks * 1_000, undefined, { signal });
  }
}
