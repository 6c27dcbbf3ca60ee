import { type DynamicModule, Module } from '@nestjs/common';

import type { Settings } from '../config/settings.js';
import { DiscordAdapter } from './connection/adapter.js';
import { ShardLauncher } from './connection/shard-launcher.js';

/** Discord, in this process or in one for each shard. Needs what `ChatModule` exports; off without a token. */
@Module({})
export class DiscordModule {
  static forRoot(settings: Settings): DynamicModule {
    if (settings.environment.DISCORD_TOKEN === undefined) return { module: DiscordModule };
    const isSharded = settings.config.discord.shards !== 1;
    return { module: DiscordModule, providers: [isSharded ? ShardLauncher : DiscordAdapter] };
  }
}
