import { Logger } from '@nestjs/common';

import type { Engine } from '#libs/engine';

import { parseServerConfig } from '../../apps/model-server/src/config/environment.js';
import { ServerMetrics } from '../../apps/model-server/src/metrics/server-metrics.js';
import { openServer, serveModel } from '../../apps/model-server/src/server.js';
import { freePort } from '../support/free-port.js';

export interface RunningServer {
  /** Of the gRPC server. */
  readonly address: string;
  /** Of the HTTP server. */
  readonly url: string;
  readonly metrics: ServerMetrics;
  close(): Promise<void>;
}

/**
 * The model server in this process, on free ports unless told otherwise, around the engine that `load` makes. `opened`
 * sees it while the engine is not there yet.
 */
export async function runServer(
  load: (metrics: ServerMetrics) => Engine | Promise<Engine>,
  variables: NodeJS.ProcessEnv = {},
  opened: (server: RunningServer) => Promise<void> = async () => {},
): Promise<RunningServer> {
  const ports = { GRPC_PORT: String(await freePort()), HTTP_PORT: String(await freePort()) };
  const config = parseServerConfig({ ...ports, ...variables });
  const metrics = new ServerMetrics();
  const app = await openServer(config, metrics);
  Logger.overrideLogger(false);
  const server: RunningServer = {
    address: `127.0.0.1:${config.GRPC_PORT}`,
    url: `http://127.0.0.1:${config.HTTP_PORT}`,
    metrics,
    close: () => app.close(),
  };
  await opened(server);
  serveModel(app, await load(metrics));
  return server;
}
