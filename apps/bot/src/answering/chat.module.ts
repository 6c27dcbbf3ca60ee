import {
  type DynamicModule,
  Inject,
  Injectable,
  Logger,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
  Optional,
  type Provider,
} from '@nestjs/common';
import { Redis } from 'ioredis';

import { createModelClient, type ModelClient } from '#libs/client';

import { BOT_CONFIG, ENVIRONMENT, type Settings } from '../config/settings.js';
import { Chat } from '../contract/chat.js';
import { ImageFetcher } from '../images/image-fetcher.js';
import { ImageLoader } from '../images/load-images.js';
import { Metrics } from '../metrics/metrics.js';
import { Claims } from '../redis/claims.js';
import { OtherBots } from '../redis/other-bots.js';
import { awaitFirstContact, connectRedis } from '../redis/shared-memory.js';
import { ChatService } from './chat-service.js';
import { ModelReplies } from './model-replies.js';
import { PromptBuilder } from './prompt-builder.js';
import { MODEL_CLIENT } from './providers.js';
import { RateLimits } from './rate-limits.js';
import { RunningAnswers } from './running-answers.js';

/** Waits for what the core needs, and closes what it keeps open. */
@Injectable()
class Connections implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(MODEL_CLIENT) private readonly client: ModelClient,
    @Optional() private readonly redis?: Redis,
    @Optional() private readonly others?: OtherBots,
  ) {}

  /** The adapters listen after this, so that already the first question is counted with those of other bots. */
  async onModuleInit(): Promise<void> {
    if (this.redis) await awaitFirstContact(this.redis);
  }

  onApplicationShutdown(): void {
    this.client.close();
    this.others?.close();
    this.redis?.disconnect();
  }
}

/** The core, and what adapters need of it: `Chat`, `ImageFetcher`, `Claims`, `Metrics` and what the operator set. */
@Module({
  providers: [
    { provide: Logger, useValue: new Logger('Chat') },
    { provide: Chat, useClass: ChatService },
    {
      provide: Metrics,
      inject: [RunningAnswers],
      useFactory: (running: RunningAnswers) => new Metrics(() => running.count),
    },
    Claims,
    Connections,
    ImageFetcher,
    ImageLoader,
    ModelReplies,
    PromptBuilder,
    RateLimits,
    RunningAnswers,
  ],
})
export class ChatModule {
  static forRoot({ environment, config }: Settings): DynamicModule {
    const { MODEL_SERVER_ADDRESS, REDIS_URL } = environment;
    return {
      module: ChatModule,
      global: true,
      providers: [
        { provide: ENVIRONMENT, useValue: environment },
        { provide: BOT_CONFIG, useValue: config },
        { provide: MODEL_CLIENT, useValue: createModelClient({ address: MODEL_SERVER_ADDRESS }) },
        ...(REDIS_URL === undefined ? [] : sharedProviders(REDIS_URL)),
      ],
      exports: [ENVIRONMENT, BOT_CONFIG, ImageFetcher, Claims, Metrics, Chat],
    };
  }
}

/** What bots share that answer together. */
function sharedProviders(url: string): Provider[] {
  return [
    {
      provide: Redis,
      inject: [Logger],
      useFactory: (logger: Logger) => connectRedis(url, (line) => logger.warn(line)),
    },
    {
      provide: OtherBots,
      inject: [Redis, RunningAnswers, Metrics],
      useFactory: (redis: Redis, running: RunningAnswers, metrics: Metrics) =>
        new OtherBots(redis, running, () => metrics.countIgnoredMessage()),
    },
  ];
}
