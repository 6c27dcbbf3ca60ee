import { type DynamicModule, Module } from '@nestjs/common';

import { ChatModule } from './chat/chat.module.js';
import type { Settings } from './config/settings.js';
import { DiscordModule } from './discord/discord.module.js';
import { MetricsController } from './metrics.controller.js';
import { PageConnections } from './page-connections.js';
import { SlackModule } from './slack/slack.module.js';
import { WebModule } from './web/web.module.js';

/** The bot: the core and the adapters that are switched on. */
@Module({})
export class BotModule {
  static forRoot(settings: Settings): DynamicModule {
    const { config } = settings;
    const adapters = [
      DiscordModule.forRoot(settings),
      SlackModule,
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
