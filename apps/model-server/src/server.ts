import { ConsoleLogger, ForbiddenException, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import type { RequestHandler } from 'express';
import type { Engine } from '#libs/engine';
import { CodedError } from '#libs/errors';
import { AllowedHosts, listen } from '#libs/serving';
import { ByteBudget } from './chat/byte-budget.js';
import type { ServerConfig } from './config/environment.js';
import { GrpcFace } from './grpc/grpc-face.js';
import { readJsonBodies } from './http/json-body.js';
import type { ServerMetrics } from './metrics/server-metrics.js';
import { modelServer } from './model-server.module.js';
import { OpenAiErrorFilter } from './openai/openai-error.filter.js';
import { stringBounds } from './openai/string-bounds.js';
import { ServedModel } from './served-model.js';

const MEBIBYTE = 2 ** 20;

/** Log levels of Nest, from the gravest. */
const levels = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;

/**
 * Opens both ports, so that whoever asks is told that the model is being loaded, until `serveModel`.
 * @throws CodedError `start-up` when a port cannot be had
 */
export async function openServer(config: ServerConfig, metrics: ServerMetrics): Promise<INestApplication> {
  const module = modelServer(config, metrics, maxBytesInFlight(config));
  const app = await NestFactory.create<NestExpressApplication>(module, new ExpressAdapter(), {
    logger: ['fatal', 'error', 'warn'],
    abortOnError: false,
    bodyParser: false,
  });
  app.disable('x-powered-by');
  app.use(onlyAllowedHosts(config));
  const model = app.get(ServedModel);
  app.use(readJsonBodies(maxBodyBytes(config), app.get(ByteBudget), () => stringBounds(model.engine.limits)));
  app.useGlobalFilters(new OpenAiErrorFilter(metrics));
  const grpc = app.get(GrpcFace);
  app.connectMicroservice(grpc.options());
  const { HTTP_ADDRESS: host, HTTP_PORT: port } = config;
  try {
    await app.init();
    await listen(app.getHttpServer(), { host, port, hostSetting: 'HTTP_ADDRESS', portSetting: 'HTTP_PORT' });
    await grpc.requirePort();
    await app.startAllMicroservices();
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}

/** Answers requests with a loaded engine. Closing the application drains it and closes the engine. */
export function serveModel(app: INestApplication, engine: Engine): void {
  app.get(ServedModel).serve(engine);
  app.get(GrpcFace).setServing(true);
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

/** @throws CodedError `start-up` when not even one request could be taken */
function maxBytesInFlight(config: ServerConfig): number {
  const least = maxBodyBytes(config);
  const configured = config.REQUESTS_MIB === undefined ? 2 * least : config.REQUESTS_MIB * MEBIBYTE;
  if (configured >= least) return configured;
  throw new CodedError(
    'start-up',
    `REQUESTS_MIB is ${config.REQUESTS_MIB}, but one request of MAX_IMAGES images of MAX_IMAGE_BYTES may take ` +
      `${Math.ceil(least / MEBIBYTE)}: set it to at least as many, or lower one of those.`,
  );
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
