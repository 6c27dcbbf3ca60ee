import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections, which could take a free one before it is used. */
const firstPort = 15_000;
/** Each of Jest's workers has a range of its own, so that none is given a port that another is about to use. */
const portsPerWorker = 1_000;
const ranges = 17;

// All workers have the same parent; runs beside each other have different ones.
const range = (process.ppid + Number(process.env.JEST_WORKER_ID ?? 0)) % ranges;
const first = firstPort + range * portsPerWorker;
let next = randomInt(portsPerWorker);

/** A port that nothing listens on, and that was not given out just before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + next;
    next = (next + 1) % portsPerWorker;
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
