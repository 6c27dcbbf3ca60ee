import { ConsoleLogger, ForbiddenException, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import type { RequestHandler } from 'express';

import type { Engine } from '#libs/engine';
import { AllowedHosts } from '#libs/serving';
import { StartUpError } from '#libs/start-up';
import type { ServerConfig } from './config/environment.js';
import { GrpcFace } from './grpc/grpc-face.js';
import type { ServerMetrics } from './metrics/server-metrics.js';
import { modelServer } from './model-server.module.js';
import { OpenAiErrorFilter } from './openai/openai-error.filter.js';

/** Log levels of Nest, from the gravest. */
const levels = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;

/** Serves a loaded engine over gRPC and HTTP. Closing the application drains it and closes the engine. */
export async function startServer(
  config: ServerConfig,
  engine: Engine,
  metrics: ServerMetrics,
): Promise<INestApplication> {
  const module = modelServer(config, engine, metrics);
  const app = await NestFactory.create<NestExpressApplication>(module, new ExpressAdapter(), {
    logger: ['fatal', 'error', 'warn'],
    abortOnError: false,
    bodyParser: false,
  });
  app.use(onlyAllowedHosts(config));
  app.useBodyParser('json', { limit: maxBodyBytes(config) });
  app.useGlobalFilters(new OpenAiErrorFilter(metrics));
  const grpc = app.get(GrpcFace);
  app.connectMicroservice(grpc.options());

  const { GRPC_ADDRESS, GRPC_PORT, HTTP_ADDRESS, HTTP_PORT } = config;
  await listening('GRPC', GRPC_ADDRESS, GRPC_PORT, () => app.startAllMicroservices());
  await listening('HTTP', HTTP_ADDRESS, HTTP_PORT, () => app.listen(HTTP_PORT, HTTP_ADDRESS));
  grpc.setServing(true);
  return app;
}

/** Pages of other sites, open in a browser of this network, must not use the model. */
function onlyAllowedHosts({ ALLOWED_HOSTS }: ServerConfig): RequestHandler {
  const hosts = new AllowedHosts(ALLOWED_HOSTS, 'ALLOWED_HOSTS');
  return ({ headers }, _response, next) => {
    const refusal = hosts.refusal(headers);
    next(refusal === undefined ? undefined : new ForbiddenException(refusal));
  };
}

/** Of a request over HTTP, where images are written in base64: four characters for three bytes. */
function maxBodyBytes({ MAX_IMAGES, MAX_IMAGE_BYTES }: ServerConfig): number {
  return Math.ceil((MAX_IMAGES * MAX_IMAGE_BYTES * 4) / 3) + 2 ** 22;
}

/** The log of the server, as configured. */
export function serverLogger({ LOG_LEVEL, LOG_FORMAT }: ServerConfig): ConsoleLogger {
  return new ConsoleLogger({
    logLevels: levels.slice(0, levels.indexOf(LOG_LEVEL) + 1),
    json: LOG_FORMAT === 'json',
    colors: LOG_FORMAT === 'text' && process.stdout.isTTY === true,
    prefix: 'model-server',
  });
}

async function listening(
  name: 'GRPC' | 'HTTP',
  address: string,
  port: number,
  listen: () => Promise<unknown>,
): Promise<void> {
  try {
    await listen();
  } catch (cause) {
    if (!String(cause).includes('EADDRINUSE')) {
      throw new StartUpError(
        `${name}_ADDRESS ${address} with ${name}_PORT ${port} cannot be used: ${cause}`,
        {
          cause,
        },
      );
    }
    throw new StartUpError(
      `Port ${port} on ${address} is in use, perhaps by another model server: stop it, or set ${name}_PORT to a free port.`,
      { cause },
    );
  }
}
