import { type BeforeApplicationShutdown, type DynamicModule, Injectable, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { endConnections } from '#libs/serving';

import { ChatModule } from './answering/chat.module.js';
import type { Settings } from './config/settings.js';
import { DiscordModule } from './discord/discord.module.js';
import { MetricsController } from './metrics/metrics.js';
import { SlackModule } from './slack/slack.module.js';
import { WebModule } from './web/web.module.js';

/** How long answers on the page may take to end; clients that are silent or do not read are cut off. */
const secondsToEnd = 1;

/** Ends the page's connections, so that no client keeps the bot from ending. */
@Injectable()
class PageConnections implements BeforeApplicationShutdown {
  constructor(private readonly http: HttpAdapterHost) {}

  async beforeApplicationShutdown(): Promise<void> {
    await endConnections(this.http.httpAdapter.getHttpServer(), secondsToEnd);
  }
}

/** The bot: the core and the adapters that are switched on. */
@Module({})
export class BotModule {
  static forRoot(settings: Settings): DynamicModule {
    const { config } = settings;
    const adapters = [
      DiscordModule.forRoot(settings),
      SlackModule.forRoot(settings),
      ...(config.web.enabled ? [WebModule] : []),
    ];
    return {
      module: BotModule,
      imports: [ChatModule.forRoot(settings), ...adapters],
      controllers: [MetricsController],
      providers: [PageConnections],
    };
  }
}
