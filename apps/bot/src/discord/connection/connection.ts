import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  Client,
  DiscordAPIError,
  DiscordjsError,
  DiscordjsErrorCodes,
  Events,
  GatewayIntentBits,
  Partials,
} from 'discord.js';

import type { BotConfig } from '../../config/bot-config.js';
import type { Environment } from '../../config/environment.js';
import { BOT_CONFIG, ENVIRONMENT } from '../../config/settings.js';

const firstRetryMs = 5_000;
const maxRetryMs = 60_000;
/** For a connection that is being made when the bot ends. */
const patienceMs = 5_000;

/**
 * Discord takes 50 requests a second from a bot (Discord docs, Rate Limits). Its seconds and discord.js's do not begin
 * at the same moment, so that twice what discord.js lets through in one of its own may fall into one of Discord's.
 */
const requestsPerSecond = 25;

const intents = [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages];

/** Logs in to Discord, callPatiently while it cannot be reached. */
@Injectable()
export class DiscordConnection {
  private readonly closing = new AbortController();
  private client: Client | undefined;
  private connecting: Promise<void> = Promise.resolve();

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Pick<Environment, 'DISCORD_TOKEN' | 'DISCORD_API_URL'>,
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'discord'>,
    private readonly logger: Logger,
  ) {}

  /**
   * Connects in the background. `prepare` gets every client before it logs in, to listen to it.
   * What the operator can put right is said in the log.
   */
  connect(prepare: (client: Client) => void): void {
    this.connecting = this.keepTrying(prepare);
  }

  /** discord.js never finishes closing a connection that is still being made, so that is waited for. */
  async close(): Promise<void> {
    this.closing.abort();
    const over = this.connecting.then(() => true);
    const isConnected = await Promise.race([over, delay(patienceMs, false, { ref: false })]);
    if (isConnected) await this.client?.destroy();
  }

  private async keepTrying(prepare: (client: Client) => void): Promise<void> {
    let wait = firstRetryMs;
    let readsContent = this.config.discord.readMessageContent;
    while (!this.closing.signal.aborted) {
      try {
        await this.login(prepare, readsContent);
        return;
      } catch (error) {
        await this.client?.destroy();
        if (this.closing.signal.aborted) return;
        if (isInvalidToken(error)) {
          this.logger.error(
            'Discord does not accept DISCORD_TOKEN. Copy the token again from the Bot page of the developer portal and restart.',
          );
          return;
        }
        if (readsContent && isDisallowedIntent(error)) {
          this.logger.warn(
            'discord.readMessageContent is on, but the "Message Content" intent is off in the developer portal (Bot page). ' +
              'Switch it on and restart. Until then pictures in messages that others replied to cannot be seen.',
          );
          readsContent = false;
          continue;
        }
        this.logger.error(
          `Discord cannot be reached (${describe(error)}). Trying again in ${wait / 1_000} s.`,
        );
        await delay(wait, undefined, { signal: this.closing.signal }).catch(() => {});
        wait = Math.min(wait * 2, maxRetryMs);
      }
    }
  }

  private async login(prepare: (client: Client) => void, readsContent: boolean): Promise<void> {
    const { DISCORD_TOKEN, DISCORD_API_URL } = this.environment;
    const client = new Client({
      intents: readsContent ? [...intents, GatewayIntentBits.MessageContent] : intents,
      // Direct messages and deletions of messages from before the start come as partials.
      partials: [Partials.Channel, Partials.Message],
      // The model never rings at anyone.
      allowedMentions: { parse: [], repliedUser: false },
      rest: {
        globalRequestsPerSecond: Math.max(1, Math.floor(requestsPerSecond / numberOfShards())),
        ...(DISCORD_API_URL !== undefined && addressesBeside(DISCORD_API_URL)),
      },
    });
    this.client = client;
    client.on(Events.Error, (error) => this.logger.error(describe(error)));
    client.on(Events.ShardError, (error) => this.logger.error(describe(error)));
    prepare(client);
    await client.login(DISCORD_TOKEN);
  }
}

/** Another Discord has its files where its API is. */
function addressesBeside(api: string): { api: string; cdn: string; mediaProxy: string } {
  const { origin } = new URL(api);
  return { api, cdn: origin, mediaProxy: origin };
}

/** discord.js tells a shard's process by the environment how many there are; the limit is for all of them. */
function numberOfShards(): number {
  return Number(process.env.SHARD_COUNT ?? 1);
}

function isInvalidToken(error: unknown): boolean {
  return (
    (error instanceof DiscordjsError && error.code === DiscordjsErrorCodes.TokenInvalid) ||
    (error instanceof DiscordAPIError && error.status === 401)
  );
}

function isDisallowedIntent(error: unknown): boolean {
  return error instanceof Error && error.message === 'Used disallowed intents';
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
