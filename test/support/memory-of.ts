import { once } from 'node:events';

import { WebSocket } from 'ws';
import { z } from 'zod';

const answer = z.object({
  id: z.number(),
  result: z.object({ result: z.object({ value: z.number() }).optional() }),
});

/**
 * The bytes that a Node process uses after a garbage collection, heap and buffers, by its debugger's protocol.
 * @param console what a process that was started with `--inspect` wrote
 */
export async function memoryOf(console: readonly string[]): Promise<number> {
  const address = console.join('\n').match(/Debugger listening on (ws:\S+)/)?.[1];
  if (address === undefined) throw new Error('The process was not started with --inspect.');
  const socket = new WebSocket(address);
  await once(socket, 'open');
  try {
    await call(socket, 1, 'HeapProfiler.collectGarbage');
    const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())';
    const { result } = await call(socket, 2, 'Runtime.evaluate', { expression });
    return result.result?.value ?? Number.NaN;
  } finally {
    socket.close();
  }
}

/** https://chromedevtools.github.io/devtools-protocol/ */
async function call(
  socket: WebSocket,
  id: number,
  method: string,
  params = {},
): Promise<z.infer<typeof answer>> {
  const answered = once(socket, 'message');
  socket.send(JSON.stringify({ id, method, params }));
  const [message] = await answered;
  return answer.parse(JSON.parse(String(message)));
}
