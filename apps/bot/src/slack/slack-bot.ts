import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { App } from '@slack/bolt';
import { StartUpError } from '#libs/start-up';
import { Chat, Claims } from '../chat/index.js';
import { Settings } from '../config/settings.js';
import { ImageFetcher } from '../images/image-fetcher.js';
import type { Answering } from './answering.js';
import { createBoltApp, type SlackConnection, slackConnection } from './connection.js';
import { identify } from './identity.js';
import { errorCode } from './replies/api-errors.js';
import { wireListeners } from './wire-listeners.js';

/** The Slack adapter's life: off without tokens, connected from the bot's start to its end. */
@Injectable()
export class SlackBot implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Slack');
  private app: App | undefined;
  private answering: Answering | undefined;

  constructor(
    @Inject(Chat) private readonly chat: Chat,
    @Inject(Claims) private readonly claims: Claims,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(ImageFetcher) private readonly fetcher: ImageFetcher,
  ) {}

  /** @throws StartUpError when Slack does not take the tokens */
  async onApplicationBootstrap(): Promise<void> {
    const connection = slackConnection(this.settings.environment);
    if (connection === undefined) return;
    try {
      await this.connect(connection);
    } catch (error) {
      if (connection.mode === 'http' && isPortTaken(error)) {
        throw new StartUpError(
          `Port ${connection.port} is taken by another program. Set SLACK_PORT to a free port.`,
          { cause: error },
        );
      }
      throw new StartUpError(
        `Slack could not be reached with the given tokens: ${errorCode(error) ?? error}`,
        {
          cause: error,
        },
      );
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.answering?.close();
    await this.app?.stop();
  }

  private async connect(connection: SlackConnection): Promise<void> {
    const app = createBoltApp(connection, this.settings.environment.SLACK_API_URL, this.logger);
    await app.init();
    const identity = await identify(app.client);
    this.answering = wireListeners(app, {
      chat: this.chat,
      claims: this.claims,
      settings: this.settings,
      fetcher: this.fetcher,
      logger: this.logger,
      botToken: connection.botToken,
      identity,
    });
    await app.start();
    this.app = app;
    const way =
      connection.mode === 'socket' ? 'Socket Mode' : `HTTP on port ${connection.port}, path /slack/events`;
    this.logger.log(`Slack is on: answering in ${identity.workspaceHost} (${way}).`);
  }
}

function isPortTaken(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EADDRINUSE';
}
