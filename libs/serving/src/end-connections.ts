import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Takes no further connections, and closes those there are: idle ones now, the others when their response is
 * written, or at the limit. A client that is silent, sends half a request or does not read keeps nothing open.
 */
export async function endConnections(server: Server, limitSeconds: number): Promise<void> {
  if (!server.listening) return;
  const limit = new AbortController();
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const cut = sleep(limitSeconds * 1_000, undefined, { signal: limit.signal }).then(
    () => server.closeAllConnections(),
    () => {},
  );
  await closed;
  limit.abort();
  await cut;
}
