import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { StartUpError } from '#libs/start-up';
import { BotModule } from './bot.module.js';
import type { Environment } from './config/environment.js';
import type { Settings } from './config/settings.js';
import { pageFolder } from './web/page.controller.js';

/**
 * Starts the bot: the adapters that have tokens, and the web page.
 * @throws StartUpError when the page's port is taken
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
  const { maxBytes } = settings.config.images;
  app.useBodyParser('json', { limit: '4mb' });
  app.useBodyParser('raw', { type: 'application/octet-stream', limit: maxBytes });
  app.disable('x-powered-by');
  app.useStaticAssets(pageFolder, { prefix: '/page/', index: false });

  try {
    await app.init();
    await listen(app.getHttpServer(), settings.environment);
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}

/** Where the page can be opened. */
export function pageAddress(app: NestExpressApplication): string {
  const address: AddressInfo | string | null = app.getHttpServer().address();
  if (address === null || typeof address === 'string') throw new Error('The bot listens on no port.');
  const host = ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(address.address)
    ? 'localhost'
    : address.address;
  return `http://${host}:${address.port}`;
}

/** Listens without Nest, which would log a taken port with a stack trace before anybody could say it plainly. */
async function listen(server: Server, { WEB_HOST, WEB_PORT }: Environment): Promise<void> {
  server.listen(WEB_PORT, WEB_HOST);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw listenError(error, WEB_HOST, WEB_PORT);
  }
}

function listenError(error: unknown, host: string, port: number): unknown {
  if (!(error instanceof Error && 'code' in error)) return error;
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartUpError(
        `Port ${port} is taken by another program. Set WEB_PORT to a free port, for instance WEB_PORT=${port + 1} npm start.`,
        { cause: error },
      );
    case 'EACCES':
      return new StartUpError(
        `Port ${port} may not be used without rights. Set WEB_PORT to one above 1023.`,
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
      return new StartUpError(`WEB_HOST is ${host}, which is no address of this machine.`, { cause: error });
    default:
      return error;
  }
}
