import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';

import { Closing } from '../../contract/index.js';
import { DiscordConnection } from './connection.js';
import { DiscordEvents } from './events.js';

/** The Discord adapter's life: connected from the bot's start to its end. */
@Injectable()
export class DiscordAdapter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly connection: DiscordConnection,
    private readonly events: DiscordEvents,
    private readonly closing: Closing,
  ) {}

  onApplicationBootstrap(): void {
    this.connection.connect((client) => this.events.listen(client));
  }

  /** Stops the running answers, so that each says how it ended, and leaves. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing.abort();
    await this.events.settle();
    await this.connection.close();
  }
}
