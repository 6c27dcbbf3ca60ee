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
import type { Environment } from '../../config/environment.js';
import { ENVIRONMENT } from '../../config/settings.js';
import { Closing } from '../../contract/index.js';
import { identify, SlackIdentity } from '../conversation/identity.js';
import { Answers } from '../listeners/answers.js';
import { reasonOf } from '../reply/api-errors.js';
import { createBoltApp, SLACK_CONNECTION, type SlackConnection } from './connection.js';
import { SlackEvents } from './events.js';

const firstRetryMs = 5_000;
const maxRetryMs = 60_000;

/** The Slack adapter's life: connected from the bot's start to its end. */
@Injectable()
export class SlackAdapter implements OnApplicationBootstrap, OnApplicationShutdown {
  private app: App | undefined;

  constructor(
    @Inject(SLACK_CONNECTION) private readonly connection: SlackConnection,
    @Inject(ENVIRONMENT) private readonly environment: Pick<Environment, 'SLACK_API_URL'>,
    private readonly identity: SlackIdentity,
    private readonly events: SlackEvents,
    private readonly answers: Answers,
    private readonly closing: Closing,
    private readonly logger: Logger,
  ) {}

  /** @throws CodedError `start-up` when the port is taken */
  async onApplicationBootstrap(): Promise<void> {
    if (!(await this.tryToConnect())) void this.keepTrying();
  }

  /** Stops the running answers, so that each says how it ended, and leaves. */
  async onApplicationShutdown(): Promise<void> {
    this.closing.abort();
    await this.answers.settle();
    await this.app?.stop();
  }

  /**
   * True when it is connected, or will not be before the operator has put right what the log says.
   * @throws CodedError `start-up` when the port is taken
   */
  private async tryToConnect(): Promise<boolean> {
    try {
      await this.connect();
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

  private async keepTrying(): Promise<void> {
    let wait = firstRetryMs;
    try {
      do {
        await sleep(wait, undefined, { signal: this.closing.signal });
        wait = Math.min(wait * 2, maxRetryMs);
      } while (!(await this.tryToConnect()));
    } catch (error) {
      if (!this.closing.signal.aborted) this.logger.error(reasonOf(error));
    }
  }

  private async connect(): Promise<void> {
    const { connection } = this;
    const app = createBoltApp(connection, this.environment.SLACK_API_URL, this.logger);
    await withSlackToken('SLACK_BOT_TOKEN', async () => {
      await app.init();
      Object.assign(this.identity, await identify(app.client));
    });
    this.events.listen(app);
    if (connection.mode === 'socket') await withSlackToken('SLACK_APP_TOKEN', () => app.start());
    else await app.start().catch((error) => throwIfTaken(error, connection.port));
    this.app = app;
    const way =
      connection.mode === 'socket' ? 'Socket Mode' : `HTTP on port ${connection.port}, path /slack/events`;
    this.logger.log(`Slack is on: answering in ${this.identity.workspaceHost} (${way}).`);
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
