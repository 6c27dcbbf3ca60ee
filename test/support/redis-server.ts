import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { freePort } from './free-port.js';

export interface RedisServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Runs a suite where a redis-server is installed, and says elsewhere why it does not run. */
export const describeWithRedis = isInstalled()
  ? describe
  : (name: string, suite: () => void) =>
      describe.skip(`${name} (no redis-server on this machine; Debian: apt-get install redis-server)`, suite);

/** A Redis that keeps nothing on disk. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const server = spawn('redis-server', ['--port', String(port), '--save', '', '--bind', '127.0.0.1']);
  for await (const line of createInterface(server.stdout)) {
    if (line.includes('Ready to accept connections')) break;
  }
  server.stdout.resume();
  return {
    url: `redis://127.0.0.1:${port}`,
    close: async () => {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const exit = once(server, 'exit');
      server.kill();
      await exit;
    },
  };
}

function isInstalled(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}
