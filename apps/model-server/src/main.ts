import 'reflect-metadata';

import { performance } from 'node:perf_hooks';

import { hasCode } from '#libs/errors';
import { surviveBrokenOutput } from '#libs/start-up';

import { loadServerConfig } from './config/environment.js';
import { loadEngine } from './load-engine.js';
import { ServerMetrics } from './metrics/server-metrics.js';
import { startUpReport } from './start-up-report.js';

async function main(): Promise<void> {
  surviveBrokenOutput();
  const config = loadServerConfig();
  const metrics = new ServerMetrics();

  // The engine loads in a thread of its own. Meanwhile this one loads Nest, which takes as long as a small model.
  const loadingServer = Promise.all([import('./server.js'), import('@nestjs/common')]);
  const creatingLogger = loadingServer.then(([{ serverLogger }]) => serverLogger(config));
  const loadingEngine = loadEngine(config, {
    statistics: metrics,
    onWarning: (message) => void creatingLogger.then((logger) => logger.warn(message, 'Engine')),
    // Whatever keeps the process running (systemd, Docker, Kubernetes) starts a sound one.
    onBreakdown: (error) =>
      void creatingLogger.then((logger) => logger.fatal(error, 'Engine')).finally(() => process.exit(1)),
  });
  // It is awaited below. Until then a failure must not count as one that nobody handles.
  loadingEngine.catch(() => {});

  const [{ openServer, serveModel }, { Logger }] = await loadingServer;
  const logger = await creatingLogger;
  // What the operator reads first is plain, without time stamps, unless a program reads it.
  const say = (line: string) =>
    config.LOG_FORMAT === 'json' ? logger.log(line, 'ModelServer') : console.log(line);

  const app = await openServer(config, metrics);
  Logger.overrideLogger(logger);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });

  say(`Loading the model in ${config.MODEL_PATH} …`);
  const engine = await loadingEngine;
  serveModel(app, engine);
  for (const line of startUpReport(config, engine, performance.now() / 1_000)) say(line);
}

try {
  await main();
} catch (error) {
  console.error(hasCode(error, 'start-up') ? error.message : error);
  process.exit(1);
}
