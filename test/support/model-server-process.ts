import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

import { createModelClient } from '#libs/client';

import { freePort } from './free-port.js';

export interface ModelServerProcess {
  /** Of the gRPC server. */
  readonly address: string;
  readonly pid: number | undefined;
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>;
}

/** `npm start`'s model server with the embedded model, as its own process. */
export async function startModelServer(
  port?: number,
  variables: NodeJS.ProcessEnv = {},
): Promise<ModelServerProcess> {
  const grpcPort = port ?? (await freePort());
  const address = `127.0.0.1:${grpcPort}`;
  const child = spawn(process.execPath, ['dist/apps/model-server/src/main.js'], {
    env: {
      ...process.env,
      MODEL_PATH: '',
      LOG_LEVEL: 'error',
      GRPC_PORT: String(grpcPort),
      HTTP_PORT: String(await freePort()),
      ...variables,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const client = createModelClient({ address });
  try {
    await Promise.race([client.waitUntilReady(), refusal(child)]);
  } finally {
    client.close();
  }
  return {
    address,
    pid: child.pid,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function refusal(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`The model server ended with code ${code} before it was ready.`);
}
