import type { Logger } from '@nestjs/common';
import { App, type AppOptions, type Logger as BoltLogger, LogLevel } from '@slack/bolt';
import type { WebClientOptions } from '@slack/web-api';
import { CodedError } from '#libs/errors';
import type { Environment } from '../../config/environment.js';
import { firstLine } from '../reply/api-errors.js';
import { GuardedHttpReceiver } from './guarded-http-receiver.js';
import { SteadyReceiver } from './steady-receiver.js';

/** How the app reaches Slack and Slack the app; undefined when no bot token is set. */
export type SlackConnection =
  | { readonly mode: 'socket'; readonly botToken: string; readonly appToken: string }
  | {
      readonly mode: 'http';
      readonly botToken: string;
      readonly signingSecret: string;
      readonly port: number;
    };

/** @throws CodedError `start-up` with what to set, when only half of it is set */
export function readConnection(environment: Environment): SlackConnection | undefined {
  const { SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_SIGNING_SECRET, SLACK_PORT } = environment;
  if (SLACK_BOT_TOKEN === undefined) {
    if (SLACK_APP_TOKEN === undefined && SLACK_SIGNING_SECRET === undefined) return undefined;
    throw new CodedError(
      'start-up',
      'Slack: SLACK_BOT_TOKEN is missing (xoxb-…, "OAuth & Permissions" of your app).',
    );
  }
  if (SLACK_APP_TOKEN !== undefined && SLACK_SIGNING_SECRET !== undefined)
    throw new CodedError(
      'start-up',
      'Slack: both SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are set. Keep the first for Socket Mode, or the second for HTTP.',
    );
  if (SLACK_APP_TOKEN !== undefined)
    return { mode: 'socket', botToken: SLACK_BOT_TOKEN, appToken: SLACK_APP_TOKEN };
  if (SLACK_SIGNING_SECRET !== undefined) {
    return { mode: 'http', botToken: SLACK_BOT_TOKEN, signingSecret: SLACK_SIGNING_SECRET, port: SLACK_PORT };
  }
  throw new CodedError(
    'start-up',
    'Slack: set SLACK_APP_TOKEN (xapp-…) for Socket Mode, or SLACK_SIGNING_SECRET for HTTP, beside SLACK_BOT_TOKEN.',
  );
}

/** Injection token of the `SlackConnection`. */
export const SLACK_CONNECTION = Symbol('SlackConnection');

const callTimeoutMs = 15_000;

/**
 * Web API calls fail within seconds instead of retrying for half an hour in silence, and a call over the rate is
 * rejected: who makes it decides whether to wait (`callPatiently`) or to leave it out (an edit on the way).
 */
export function clientOptions(apiUrl: string | undefined, logger: Logger): WebClientOptions {
  return {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    timeout: callTimeoutMs,
    retryConfig: { retries: 2, minTimeout: 300, maxTimeout: 2_000 },
    rejectRateLimitedCalls: true,
    logger: new SlackLogger(logger),
  };
}

export function createBoltApp(connection: SlackConnection, apiUrl: string | undefined, logger: Logger): App {
  const boltLogger = new SlackLogger(logger);
  const options: AppOptions = {
    logger: boltLogger,
    clientOptions: clientOptions(apiUrl, logger),
    token: connection.botToken,
    convoStore: false,
    deferInitialization: true,
  };
  if (connection.mode === 'http') {
    const { signingSecret, port } = connection;
    return new App({
      ...options,
      receiver: new GuardedHttpReceiver({ signingSecret, port, logger: boltLogger }),
    });
  }
  const { appToken } = connection;
  const installerOptions = { clientOptions: clientOptions(apiUrl, logger) };
  return new App({
    ...options,
    receiver: new SteadyReceiver({ appToken, logger: boltLogger, installerOptions }, (error) =>
      logger.error(`Slack sent what cannot be processed, and it is left out: ${firstLine(error)}`),
    ),
  });
}

/** Lets Bolt write into the bot's own log. */
export class SlackLogger implements BoltLogger {
  constructor(private readonly logger: Logger) {}

  /** Left out: Bolt would print whole payloads with what people wrote. */
  debug(): void {}

  info(...messages: unknown[]): void {
    this.logger.debug(messages.join(' '));
  }

  warn(...messages: unknown[]): void {
    this.logger.warn(messages.join(' '));
  }

  error(...messages: unknown[]): void {
    this.logger.error(messages.join(' '));
  }

  setLevel(): void {}

  getLevel(): LogLevel {
    return LogLevel.INFO;
  }

  setName(): void {}
}
