import { hasCode } from '#libs/errors';
import 'reflect-metadata';

import { performance } from 'node:perf_hooks';

import { Logger } from '@nestjs/common';
import { surviveBrokenOutput } from '#libs/start-up';
import { loadServerConfig } from './config/environment.js';
import { loadEngine } from './load-engine.js';
import { ServerMetrics } from './metrics/server-metrics.js';
import { openServer, serveModel, serverLogger } from './server.js';
import { startUpReport } from './start-up-report.js';

async function main(): Promise<void> {
  surviveBrokenOutput();
  const config = loadServerConfig();
  const logger = serverLogger(config);
  // What the operator reads first is plain, without time stamps, unless a program reads it.
  const say = (line: string) =>
    config.LOG_FORMAT === 'json' ? logger.log(line, 'ModelServer') : console.log(line);

  const metrics = new ServerMetrics();
  const app = await openServer(config, metrics);
  Logger.overrideLogger(logger);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });

  say(`Loading the model in ${config.MODEL_PATH} …`);
  const engine = await loadEngine(config, {
    statistics: metrics,
    onWarning: (message) => logger.warn(message, 'Engine'),
    // Whatever keeps the process running (systemd, Docker, Kubernetes) starts a sound one.
    onBreakdown: (error) => {
      logger.fatal(error, 'Engine');
      process.exit(1);
    },
  });
  serveModel(app, engine);
  for (const line of startUpReport(config, engine, performance.now() / 1_000)) say(line);
}

try {
  await main();
} catch (error) {
  console.error(hasCode(error, 'start-up') ? error.message : error);
  process.exit(1);
}
