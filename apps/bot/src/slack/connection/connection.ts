import type { Logger } from '@nestjs/common';
import { App, type AppOptions } from '@slack/bolt';
import { CodedError } from '#libs/errors';
import type { Environment } from '../../config/environment.js';
import { firstLine } from '../reply/api-errors.js';
import { GuardedHttpReceiver } from './guarded-http-receiver.js';
import { SlackLogger } from './slack-logger.js';
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
export function slackConnection(environment: Environment): SlackConnection | undefined {
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

const callTimeoutMs = 15_000;

/**
 * Web API calls fail within seconds instead of retrying for half an hour in silence, and a call over the rate is
 * rejected: who makes it decides whether to wait (`patiently`) or to leave it out (an edit on the way).
 */
export function createBoltApp(connection: SlackConnection, apiUrl: string | undefined, logger: Logger): App {
  const common = {
    logger: new SlackLogger(logger),
    clientOptions: {
      ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
      timeout: callTimeoutMs,
      retryConfig: { retries: 2, minTimeout: 300, maxTimeout: 2_000 },
      rejectRateLimitedCalls: true,
    },
  };
  const options: AppOptions = {
    ...common,
    token: connection.botToken,
    convoStore: false,
    deferInitialization: true,
  };
  const { logger: log, clientOptions } = common;
  if (connection.mode === 'http') {
    const { signingSecret, port } = connection;
    return new App({ ...options, receiver: new GuardedHttpReceiver({ signingSecret, port, logger: log }) });
  }
  const { appToken } = connection;
  return new App({
    ...options,
    receiver: new SteadyReceiver({ appToken, logger: log, installerOptions: { clientOptions } }, (error) =>
      logger.error(`Slack sent what cannot be processed, and it is left out: ${firstLine(error)}`),
    ),
  });
}
