import {
  type DynamicModule,
  Logger,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { Redis } from 'ioredis';

import { createModelClient, type ModelClient } from '#libs/client';

import { Settings } from '../config/settings.js';
import { Chat } from '../contract/chat.js';
import { ImageFetcher } from '../images/image-fetcher.js';
import { ImageLoader } from '../images/load-images.js';
import { Metrics } from '../metrics/metrics.js';
import { Claims } from '../redis/claims.js';
import { OtherBots } from '../redis/other-bots.js';
import { connectRedis, firstContact } from '../redis/shared-memory.js';
import { ChatService } from './chat-service.js';
import { ModelReplies } from './model-replies.js';
import { PromptBuilder } from './prompt-builder.js';
import { RateLimits } from './rate-limits.js';
import { RunningAnswers } from './running-answers.js';

/** Waits for what the core needs, and closes what it keeps open. */
class Connections implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly client: ModelClient,
    private readonly redis: Redis | undefined,
    private readonly others: OtherBots | undefined,
  ) {}

  /** The adapters listen after this, so that already the first question is counted with those of other bots. */
  async onModuleInit(): Promise<void> {
    if (this.redis) await firstContact(this.redis);
  }

  onApplicationShutdown(): void {
    this.client.close();
    this.others?.close();
    this.redis?.disconnect();
  }
}

/** The core and what adapters need of it: `Chat`, `Settings`, `ImageFetcher`, `Claims` and `Metrics`. */
@Module({})
export class ChatModule {
  static forRoot(settings: Settings): DynamicModule {
    const { MODEL_SERVER_ADDRESS, REDIS_URL } = settings.environment;
    const client = createModelClient({ address: MODEL_SERVER_ADDRESS });
    const logger = new Logger('Chat');
    const redis = REDIS_URL === undefined ? undefined : connectRedis(REDIS_URL, (line) => logger.warn(line));
    const images = new ImageLoader();
    const running = new RunningAnswers();
    const metrics = new Metrics(() => running.count);
    const others = redis && new OtherBots(redis, running, () => metrics.ignoredMessage());
    const chat = new ChatService(
      settings,
      client,
      images,
      new ModelReplies(settings, client, new PromptBuilder(settings, client, images)),
      running,
      new RateLimits(settings, redis),
      metrics,
      logger,
      others,
    );
    const providers = [
      { provide: Settings, useValue: settings },
      { provide: ImageFetcher, useValue: new ImageFetcher(settings) },
      { provide: Claims, useValue: new Claims(redis) },
      { provide: Metrics, useValue: metrics },
      { provide: Chat, useValue: chat },
      { provide: Connections, useValue: new Connections(client, redis, others) },
    ];
    return {
      module: ChatModule,
      global: true,
      providers,
      exports: [Settings, ImageFetcher, Claims, Metrics, Chat],
    };
  }
}
