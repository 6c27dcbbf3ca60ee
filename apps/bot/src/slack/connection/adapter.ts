import { setTimeout as sleep } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { App } from '@slack/bolt';
import { withSlackToken } from '#libs/chat-accounts';
import { CodedError, hasCode } from '#libs/errors';
import { Settings } from '../../config/settings.js';
import { Chat } from '../../contract/index.js';
import { ImageFetcher } from '../../images/image-fetcher.js';
import { Metrics } from '../../metrics/metrics.js';
import { Claims } from '../../redis/claims.js';
import { identify } from '../conversation/identity.js';
import type { Answering } from '../listeners/answering.js';
import { reasonOf } from '../reply/api-errors.js';
import { createBoltApp, type SlackConnection, slackConnection } from './connection.js';
import { wireListeners } from './wire-listeners.js';

const firstRetryMs = 5_000;
const longestRetryMs = 60_000;

/** The Slack adapter's life: off without tokens, connected from the bot's start to its end. */
@Injectable()
export class SlackBot implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Slack');
  private readonly end = new AbortController();
  private app: App | undefined;
  private answering: Answering | undefined;

  constructor(
    @Inject(Chat) private readonly chat: Chat,
    @Inject(Claims) private readonly claims: Claims,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(ImageFetcher) private readonly fetcher: ImageFetcher,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /** @throws CodedError `start-up` when tokens are missing or the port is taken */
  async onApplicationBootstrap(): Promise<void> {
    const connection = slackConnection(this.settings.environment);
    if (connection === undefined) return;
    if (!(await this.tryToConnect(connection))) void this.keepTrying(connection);
  }

  async onApplicationShutdown(): Promise<void> {
    this.end.abort();
    await this.answering?.close();
    await this.app?.stop();
  }

  /**
   * True when it is connected, or will not be before the operator has put right what the log says.
   * @throws CodedError `start-up` when the port is taken
   */
  private async tryToConnect(connection: SlackConnection): Promise<boolean> {
    try {
      await this.connect(connection);
      return true;
    } catch (error) {
      if (hasCode(error, 'start-up')) throw error;
      if (!hasCode(error, 'token-refused')) {
        this.logger.error(`Slack cannot be reached (${reasonOf(error)}). Trying again.`);
        return false;
      }
      this.logger.error(`${error.message} Then restart.`);
      return true;
    }
  }

  private async keepTrying(connection: SlackConnection): Promise<void> {
    let wait = firstRetryMs;
    try {
      do {
        await sleep(wait, undefined, { signal: this.end.signal });
        wait = Math.min(wait * 2, longestRetryMs);
      } while (!(await this.tryToConnect(connection)));
    } catch (error) {
      if (!this.end.signal.aborted) this.logger.error(reasonOf(error));
    }
  }

  private async connect(connection: SlackConnection): Promise<void> {
    const app = createBoltApp(connection, this.settings.environment.SLACK_API_URL, this.logger);
    const identity = await withSlackToken('SLACK_BOT_TOKEN', async () => {
      await app.init();
      return identify(app.client);
    });
    this.answering = wireListeners(app, {
      chat: this.chat,
      claims: this.claims,
      settings: this.settings,
      fetcher: this.fetcher,
      metrics: this.metrics,
      logger: this.logger,
      botToken: connection.botToken,
      identity,
    });
    if (connection.mode === 'socket') await withSlackToken('SLACK_APP_TOKEN', () => app.start());
    else await app.start().catch((error) => throwIfTaken(error, connection.port));
    this.app = app;
    const way =
      connection.mode === 'socket' ? 'Socket Mode' : `HTTP on port ${connection.port}, path /slack/events`;
    this.logger.log(`Slack is on: answering in ${identity.workspaceHost} (${way}).`);
  }
}

/** @throws CodedError `start-up` when the port is taken, and else the error */
function throwIfTaken(error: unknown, port: number): never {
  const isTaken =
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'EADDRINUSE';
  if (!isTaken) throw error;
  throw new CodedError(
    'start-up',
    `Port ${port} is taken by another program. Set SLACK_PORT to a free port.`,
    {
      cause: error,
    },
  );
}
