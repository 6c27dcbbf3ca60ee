import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { BotModule } from './bot.module.js';
import type { Settings } from './config/settings.js';
import { StartUpError } from './config/start-up-error.js';
import { pageFolder } from './web/page.controller.js';

/**
 * Starts the bot: the adapters that have tokens, and the web page.
 * @throws StartUpError when the page's port is taken
 */
export async function startBot(
  settings: Settings,
  logger: LoggerService | false,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(BotModule.forRoot(settings), {
    logger,
    bodyParser: false,
    abortOnError: false,
  });
  const { maxBytes } = settings.config.images;
  app.useBodyParser('json', { limit: '4mb' });
  app.useBodyParser('raw', { type: 'application/octet-stream', limit: maxBytes });
  app.disable('x-powered-by');
  app.useStaticAssets(pageFolder, { prefix: '/page/', index: false });

  const { WEB_HOST, WEB_PORT } = settings.environment;
  try {
    await app.listen(WEB_PORT, WEB_HOST);
  } catch (error) {
    await app.close();
    throw listenError(error, WEB_HOST, WEB_PORT);
  }
  return app;
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
