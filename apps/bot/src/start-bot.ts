import type { AddressInfo } from 'node:net';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import type { RequestHandler } from 'express';
import { CodedError } from '#libs/errors';

import { AllowedHosts, listen, reachableAt } from '#libs/serving';

import { BotModule } from './bot.module.js';
import type { Environment } from './config/environment.js';
import type { Settings } from './config/settings.js';
import { pageFolder, sharedFolder } from './web/page.controller.js';

/**
 * Starts the bot: the adapters that have tokens, and the web page.
 * @throws CodedError `start-up` when the page's port is taken
 */
export async function startBot(
  settings: Settings,
  logger: LoggerService | false,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    BotModule.forRoot(settings),
    new ExpressAdapter(),
    { logger, bodyParser: false, abortOnError: false },
  );
  app.use(onlyAllowedHosts(settings.environment));
  trustProxies(app, settings.environment);
  const { maxBytes } = settings.config.images;
  app.useBodyParser('json', { limit: '4mb' });
  app.useBodyParser('raw', { type: 'application/octet-stream', limit: maxBytes });
  app.disable('x-powered-by');
  app.useStaticAssets(sharedFolder, { prefix: '/shared/', index: false });
  app.useStaticAssets(pageFolder, { prefix: '/page/', index: false });

  const { WEB_HOST: host, WEB_PORT: port } = settings.environment;
  try {
    await app.init();
    // Not by Nest, which would log a taken port with a stack trace before anybody could say it plainly.
    await listen(app.getHttpServer(), { host, port, hostSetting: 'WEB_HOST', portSetting: 'WEB_PORT' });
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}

/** A page of another site, open in a browser of this network, must not ask the bot under a name that resolves here. */
function onlyAllowedHosts({ ALLOWED_HOSTS }: Environment): RequestHandler {
  const hosts = new AllowedHosts(ALLOWED_HOSTS, 'ALLOWED_HOSTS');
  return ({ headers }, response, next) => {
    const refusal = hosts.refusal(headers);
    if (refusal === undefined) next();
    else response.status(403).type('text/plain').send(refusal);
  };
}

/** Visitors are told apart by their address; behind a proxy, by the address that the proxy forwards. */
function trustProxies(app: NestExpressApplication, { TRUSTED_PROXIES }: Environment): void {
  if (TRUSTED_PROXIES.length === 0) return;
  try {
    app.set('trust proxy', TRUSTED_PROXIES);
  } catch (cause) {
    const list = TRUSTED_PROXIES.join(', ');
    throw new CodedError(
      'start-up',
      `TRUSTED_PROXIES is ${list}; it must be addresses and networks such as 10.0.0.0/8.`,
      {
        cause,
      },
    );
  }
}

/** Where the page can be opened. */
export function findPageAddress(app: NestExpressApplication): string {
  const address: AddressInfo | string | null = app.getHttpServer().address();
  if (address === null || typeof address === 'string') throw new Error('The bot listens on no port.');
  return `http://${reachableAt(address.address, address.port)}`;
}
