import { fileURLToPath } from 'node:url';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type APIGatewayBotInfo, REST, Routes, ShardingManager } from 'discord.js';
import type { BotConfig } from '../../config/bot-config.js';
import type { Environment } from '../../config/environment.js';
import { BOT_CONFIG, ENVIRONMENT } from '../../config/settings.js';
import { Metrics } from '../../metrics/metrics.js';

import { readMetrics } from './shard-metrics.js';

const shardProgram = fileURLToPath(new URL('../../shard-main.js', import.meta.url));

/** Runs the bot's Discord side as several processes, one for each shard (discord.js guide, Sharding). */
@Injectable()
export class ShardLauncher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private manager: ShardingManager | undefined;

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Pick<Environment, 'DISCORD_TOKEN' | 'DISCORD_API_URL'>,
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'discord'>,
    private readonly metrics: Metrics,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.launch().catch((error) => this.logger.error('The shards could not be started.', error));
  }

  beforeApplicationShutdown(): void {
    if (!this.manager) return;
    this.manager.respawn = false;
    for (const shard of this.manager.shards.values()) shard.kill();
  }

  private async launch(): Promise<void> {
    const { shards } = this.config.discord;
    const totalShards = shards === 'auto' ? await this.askRecommendedShards() : shards;
    this.manager = new ShardingManager(shardProgram, {
      token: this.environment.DISCORD_TOKEN,
      totalShards,
    });
    const { shards: running } = this.manager;
    this.metrics.include(() => Promise.all(running.map(readMetrics)));
    await this.manager.spawn();
    this.logger.log(`${totalShards} shards are running.`);
  }

  private async askRecommendedShards(): Promise<number> {
    const { DISCORD_TOKEN, DISCORD_API_URL } = this.environment;
    const rest = new REST(DISCORD_API_URL === undefined ? {} : { api: DISCORD_API_URL });
    const gateway = await rest.setToken(DISCORD_TOKEN!).get(Routes.gatewayBot());
    return (gateway as APIGatewayBotInfo).shards;
  }
}
