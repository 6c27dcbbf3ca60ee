import { type DynamicModule, Logger, Module } from '@nestjs/common';

import type { Settings } from '../config/settings.js';
import { Closing } from '../contract/index.js';
import { DiscordAdapter } from './connection/adapter.js';
import { DiscordConnection } from './connection/connection.js';
import { DiscordEvents } from './connection/events.js';
import { PayloadGuard } from './connection/payload-guard.js';
import { ShardLauncher } from './connection/shard-launcher.js';
import { ConversationReader } from './conversation/conversation-reader.js';
import { InterruptedAnswers } from './conversation/interrupted-answers.js';
import { MessageImages } from './conversation/message-images.js';
import { ButtonListener } from './listeners/buttons.js';
import { DescribeListener } from './listeners/describe.js';
import { MessageListener } from './listeners/messages.js';
import { EditPace } from './reply/edit-pace.js';

const logger = { provide: Logger, useValue: new Logger('Discord') };

/** Discord in this process. Needs what `ChatModule` exports. */
@Module({
  providers: [
    logger,
    ButtonListener,
    Closing,
    ConversationReader,
    DescribeListener,
    DiscordAdapter,
    DiscordConnection,
    DiscordEvents,
    EditPace,
    InterruptedAnswers,
    MessageImages,
    MessageListener,
    PayloadGuard,
  ],
})
export class DiscordShardModule {}

/** Discord, in this process or in one for each shard; off without a token. */
@Module({})
export class DiscordModule {
  static forRoot({ environment, config }: Settings): DynamicModule {
    if (environment.DISCORD_TOKEN === undefined) return { module: DiscordModule };
    return config.discord.shards === 1
      ? { module: DiscordModule, imports: [DiscordShardModule] }
      : { module: DiscordModule, providers: [logger, ShardLauncher] };
  }
}
