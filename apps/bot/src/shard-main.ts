import 'reflect-metadata';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ChatModule } from './answering/chat.module.js';
import { configFileOf, readConfigFile, watchConfigFile } from './config/config-file.js';
import { loadEnvironment } from './config/environment.js';
import { reloadConfig } from './config/reload.js';
import { Settings } from './config/settings.js';
import { answerWithMetrics } from './discord/connection/shard-metrics.js';
import { DiscordShardModule } from './discord/discord.module.js';
import { Metrics } from './metrics/metrics.js';
import { OperatorLog } from './operator-log.js';

/** One shard: the core and Discord, without the web page. discord.js tells it by the environment which one it is. */
@Module({ imports: [DiscordShardModule] })
class ShardModule {}

const environment = loadEnvironment();
const settings = new Settings(environment, readConfigFile(environment));
const logger = new OperatorLog(`minigpt4 shard ${process.env.SHARDS}`, environment.LOG_FORMAT);
const app = await NestFactory.createApplicationContext(
  { module: ShardModule, imports: [ChatModule.forRoot(settings)] },
  { logger },
);
answerWithMetrics(() => app.get(Metrics).registry.getMetricsAsJSON());
app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
watchConfigFile(configFileOf(environment).path, () => reloadConfig(settings, logger));

// A shard does not outlive the process that started it.
process.once('disconnect', () => {
  void app.close().finally(() => process.exit());
});
