import { fileURLToPath } from 'node:url';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type APIGatewayBotInfo, REST, Routes, ShardingManager } from 'discord.js';
import { Settings } from '../../config/settings.js';
import { Metrics } from '../../metrics/metrics.js';

import { metricsOf } from './shard-metrics.js';

const shardProgram = fileURLToPath(new URL('../../shard-main.js', import.meta.url));

/** Runs the bot's Discord side as several processes, one for each shard (discord.js guide, Sharding). */
@Injectable()
export class ShardLauncher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('Discord');
  private manager: ShardingManager | undefined;

  constructor(
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  onApplicationBootstrap(): void {
    this.launch().catch((error) => this.log.error('The shards could not be started.', error));
  }

  beforeApplicationShutdown(): void {
    if (!this.manager) return;
    this.manager.respawn = false;
    for (const shard of this.manager.shards.values()) shard.kill();
  }

  private async launch(): Promise<void> {
    const { shards } = this.settings.config.discord;
    const totalShards = shards === 'auto' ? await this.recommendedShards() : shards;
    this.manager = new ShardingManager(shardProgram, {
      token: this.settings.environment.DISCORD_TOKEN,
      totalShards,
    });
    const { shards: running } = this.manager;
    this.metrics.include(() => Promise.all(running.map(metricsOf)));
    await this.manager.spawn();
    this.log.log(`${totalShards} shards are running.`);
  }

  private async recommendedShards(): Promise<number> {
    const { DISCORD_TOKEN, DISCORD_API_URL } = this.settings.environment;
    const rest = new REST(DISCORD_API_URL === undefined ? {} : { api: DISCORD_API_URL });
    const gateway = await rest.setToken(DISCORD_TOKEN!).get(Routes.gatewayBot());
    return (gateway as APIGatewayBotInfo).shards;
  }
}
